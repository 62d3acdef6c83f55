package io.heliograph.login;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The login that a grant code stands for: the user and how the login was confirmed. Only the site's
 * backend can redeem it, and only once.
 */
public record Grant(
    String ticket,
    String subject,
    @Nullable String unionId,
    String provider,
    LoginPolicy policy,
    Instant confirmedAt,
    boolean locationMismatch,
    int otherSubjects,
    Instant expiresAt) {

  public Grant {
    Objects.requireNonNull(ticket);
    Objects.requireNonNull(subject);
    Objects.requireNonNull(provider);
    Objects.requireNonNull(policy);
    Objects.requireNonNull(confirmedAt);
    Objects.requireNonNull(expiresAt);
  }

  @Override
  public String toString() {
    return "Grant[" + Subjects.masked(subject) + ']';
  }
}

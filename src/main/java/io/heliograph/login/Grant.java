package io.heliograph.login;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a grant code stands for: who logged in, and how. It leaves only to the site's backend, and
 * once.
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

package io.heliograph.login;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The settings of a ticket that are fixed when it is created.
 *
 * @param group the id of the tickets that replaced each other in one page
 * @param automaticRefreshes how many replacements in a row had no click
 * @param provider the provider that makes the code and reports scans: {@code app}, {@code
 *     wechat-oa}, {@code wechat-open}
 * @param confirmsItself whether the provider asks the user, so that its callback is the
 *     confirmation
 * @param reference the provider's own name for the code; null when it has none
 * @param content the content of the code
 * @param confirmWithin the time to confirm, from the scan
 * @param exchangeWithin the time to collect, from the confirmation
 * @param watchHash SHA-256 of the watch token
 * @param challenge SHA-256 of the browser's verifier
 * @param browserHash SHA-256 of the browser's cookie
 * @param browserBound the browser is known to send its cookie here: collecting without it is
 *     refused
 * @param matchCode shown only in the browser; null when the check is off
 * @param choices the numbers that the phone offers, the match code among them
 * @param label the browser's label for itself, or empty
 * @param site the host of the page that started the login
 */
public record Terms(
    String group,
    int automaticRefreshes,
    String provider,
    boolean confirmsItself,
    @Nullable String reference,
    String content,
    LoginPolicy policy,
    Instant createdAt,
    Duration life,
    Duration confirmWithin,
    Duration exchangeWithin,
    String watchHash,
    String challenge,
    String browserHash,
    boolean browserBound,
    @Nullable Integer matchCode,
    List<Integer> choices,
    String label,
    String browser,
    Place place,
    String site) {

  public Terms {
    Objects.requireNonNull(group);
    Objects.requireNonNull(provider);
    Objects.requireNonNull(content);
    Objects.requireNonNull(policy);
    Objects.requireNonNull(createdAt);
    Objects.requireNonNull(life);
    Objects.requireNonNull(confirmWithin);
    Objects.requireNonNull(exchangeWithin);
    Objects.requireNonNull(watchHash);
    Objects.requireNonNull(challenge);
    Objects.requireNonNull(browserHash);
    Objects.requireNonNull(label);
    Objects.requireNonNull(browser);
    Objects.requireNonNull(place);
    Objects.requireNonNull(site);
    choices = List.copyOf(choices);
  }

  /** Omits all fields, which must not be logged. */
  @Override
  public String toString() {
    return "Terms[" + provider + ' ' + policy + ']';
  }
}

package io.heliograph.login;

import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What was settled when a ticket was made and does not change after.
 *
 * @param group names the tickets that replaced each other in one browser page
 * @param automaticRefreshes how many replacements in a row no one clicked for
 * @param provider who makes the code and tells of scans: {@code app}, {@code wechat-oa}, {@code
 *     wechat-open}
 * @param confirmsItself the provider asks the user; its callback is the confirmation
 * @param reference the provider's own name for the code; null when it has none
 * @param content what the code says
 * @param confirmWithin counted from the scan
 * @param exchangeWithin counted from the confirmation
 * @param watchHash SHA-256 of the watch token
 * @param challenge SHA-256 of the browser's verifier
 * @param browserHash SHA-256 of the browser's cookie
 * @param browserBound the browser is known to send its cookie here: collecting without it is
 *     refused
 * @param matchCode shown in the browser alone; null when the check is off
 * @param choices what the phone offers, the match code among them
 * @param label what the browser calls itself, or empty
 * @param site the host whose page asked
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

  /** Nothing of it is for a log. */
  @Override
  public String toString() {
    return "Terms[" + provider + ' ' + policy + ']';
  }
}

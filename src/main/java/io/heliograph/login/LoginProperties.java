package io.heliograph.login;

import io.heliograph.security.SecretStrength;
import io.heliograph.settings.RefusedSettingException;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * How QR logins go.
 *
 * @param policy whether a scan is a question or an answer
 * @param life how long a code can be scanned
 * @param confirmWithin how long the phone's user has to answer
 * @param exchangeWithin how long the browser has to collect, from the confirmation; and to repeat
 *     the call, from the first answer
 * @param refreshLimit how many fresh codes in a row come without a click
 * @param matchCode the phone's user picks the number that the browser shows
 * @param proximity what to make of a phone in another country
 * @param publicBaseUrl where phones reach this service; none: where the browser reached it
 * @param denyOnMultiScan end a ticket that three users have scanned
 * @param phoneTokenSecret makes phone tokens; the same on all nodes. None: the secret of browser
 *     tokens serves, and without that one is made at start, for one node
 * @param countryHeader a trusted proxy's header with the caller's country; none: not known
 * @param cityHeader likewise, with the city
 */
@ConfigurationProperties("heliograph.login")
public record LoginProperties(
    @DefaultValue("explicit") LoginPolicy policy,
    @DefaultValue("120s") Duration life,
    @DefaultValue("60s") Duration confirmWithin,
    @DefaultValue("60s") Duration exchangeWithin,
    @DefaultValue("5") int refreshLimit,
    @DefaultValue("true") boolean matchCode,
    @DefaultValue("warn") Proximity proximity,
    @Nullable URI publicBaseUrl,
    @DefaultValue("false") boolean denyOnMultiScan,
    @Nullable String phoneTokenSecret,
    @Nullable String countryHeader,
    @Nullable String cityHeader,
    @DefaultValue Limits limits) {

  private static final String PREFIX = "heliograph.login.";

  public LoginProperties {
    requirePositive("life", life);
    requirePositive("confirm-within", confirmWithin);
    requirePositive("exchange-within", exchangeWithin);
    if (refreshLimit < 0) {
      throw refused("refresh-limit", "must be 0 or more, but is " + refreshLimit);
    }
    if (publicBaseUrl != null && publicBaseUrl.getHost() == null) {
      throw refused("public-base-url", "must be an address such as https://push.example.com");
    }
    if (phoneTokenSecret != null
        && SecretStrength.requireTrimmed(PREFIX + "phone-token-secret", phoneTokenSecret).length()
            < SecretStrength.MIN_LENGTH) {
      throw refused(
          "phone-token-secret",
          "is too short: at least " + SecretStrength.MIN_LENGTH + " characters are needed");
    }
  }

  /**
   * @param perAddress codes a minute for one address, refreshed ones included; visits to a
   *     provider's login page likewise
   * @param openPerBrowser open codes of one browser
   * @param scansPerSubject scans a minute by one user
   * @param missesPerAddress unknown tickets and wrong tokens a minute from one address
   * @param callsPerTicket calls a minute with one token of a ticket, polls apart
   * @param waits polls that wait at a time on one node; more are answered at once
   * @param open open codes in all
   */
  public record Limits(
      @DefaultValue("10") int perAddress,
      @DefaultValue("3") int openPerBrowser,
      @DefaultValue("5") int scansPerSubject,
      @DefaultValue("20") int missesPerAddress,
      @DefaultValue("60") int callsPerTicket,
      @DefaultValue("10000") int waits,
      @DefaultValue("50000") int open) {

    public Limits {
      requirePositive("limits.per-address", perAddress);
      requirePositive("limits.open-per-browser", openPerBrowser);
      requirePositive("limits.scans-per-subject", scansPerSubject);
      requirePositive("limits.misses-per-address", missesPerAddress);
      requirePositive("limits.calls-per-ticket", callsPerTicket);
      requirePositive("limits.waits", waits);
      requirePositive("limits.open", open);
    }
  }

  private static void requirePositive(String name, Duration value) {
    if (!value.isPositive()) {
      throw refused(name, "must be longer than 0, but is " + value);
    }
  }

  private static void requirePositive(String name, int value) {
    if (value <= 0) {
      throw refused(name, "must be 1 or more, but is " + value);
    }
  }

  private static RefusedSettingException refused(String name, String reason) {
    return new RefusedSettingException(PREFIX + name, reason);
  }

  @Override
  public String toString() {
    return "LoginProperties[" + policy + ']';
  }
}

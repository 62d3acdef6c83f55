package io.heliograph.login;

import io.heliograph.security.SecretStrength;
import io.heliograph.settings.RefusedSettingException;
import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of QR logins.
 *
 * @param policy whether a scan needs a confirmation, or confirms by itself
 * @param life how long a code can be scanned
 * @param confirmWithin how long the phone's user has to confirm, from the scan
 * @param exchangeWithin how long the browser has to collect, from the confirmation; and to repeat
 *     the call, from the first answer
 * @param refreshLimit how many automatic refreshes in a row are allowed without a click
 * @param matchCode whether the phone's user must pick the number that the browser shows
 * @param proximity how to treat a phone in another country than the browser
 * @param publicBaseUrl the address at which phones reach this service; none: the address that the
 *     browser used
 * @param denyOnMultiScan whether a ticket that three users have scanned ends
 * @param phoneTokenSecret the key of phone tokens, the same on all nodes. None: the secret of
 *     browser tokens is used; without that one a secret is generated at start, for a single node
 * @param countryHeader the header in which a trusted proxy sends the caller's country; none:
 *     unknown
 * @param cityHeader likewise, for the city
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
      throw refused(
          "public-base-url",
          "must be an address such as https://push.example.com, but has no host");
    }
    if (phoneTokenSecret != null
        && SecretStrength.requireTrimmed(PREFIX + "phone-token-secret", phoneTokenSecret).length()
            < SecretStrength.MIN_LENGTH) {
      throw refused(
          "phone-token-secret",
          "is too short; it needs at least " + SecretStrength.MIN_LENGTH + " characters");
    }
  }

  /**
   * Limits of the login API.
   *
   * @param perAddress codes per minute and address, refreshes included; also visits to a provider's
   *     login page
   * @param openPerBrowser open codes per browser
   * @param scansPerSubject scans per minute and user
   * @param missesPerAddress unknown tickets and wrong tokens per minute and address
   * @param callsPerTicket calls per minute with one token of a ticket, polls excluded
   * @param waits long polls per node at a time; further polls are answered at once
   * @param open open codes in total
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

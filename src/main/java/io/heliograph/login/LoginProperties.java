package io.heliograph.login;

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
 * @param exchangeWithin how long the browser has to collect, and its backend to redeem
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
    @DefaultValue("30s") Duration exchangeWithin,
    @DefaultValue("5") int refreshLimit,
    @DefaultValue("true") boolean matchCode,
    @DefaultValue("warn") Proximity proximity,
    @Nullable URI publicBaseUrl,
    @DefaultValue("false") boolean denyOnMultiScan,
    @Nullable String phoneTokenSecret,
    @Nullable String countryHeader,
    @Nullable String cityHeader,
    @DefaultValue Limits limits) {

  public LoginProperties {
    require(
        positive(life) && positive(confirmWithin) && positive(exchangeWithin),
        "the durations of heliograph.login are longer than nothing");
    require(refreshLimit >= 0, "heliograph.login.refresh-limit is not negative");
    require(
        publicBaseUrl == null || publicBaseUrl.getHost() != null,
        "heliograph.login.public-base-url has a scheme and a host");
    require(
        phoneTokenSecret == null || phoneTokenSecret.length() >= 32,
        "heliograph.login.phone-token-secret has 32 characters or more");
  }

  /**
   * @param perAddress codes a minute for one address
   * @param openPerBrowser codes at a time for one browser
   * @param scansPerSubject scans a minute by one user
   * @param missesPerAddress wrong tickets a minute from one address
   * @param open codes at a time, in all
   */
  public record Limits(
      @DefaultValue("10") int perAddress,
      @DefaultValue("3") int openPerBrowser,
      @DefaultValue("5") int scansPerSubject,
      @DefaultValue("20") int missesPerAddress,
      @DefaultValue("50000") int open) {

    public Limits {
      require(
          perAddress > 0
              && openPerBrowser > 0
              && scansPerSubject > 0
              && missesPerAddress > 0
              && open > 0,
          "the limits of heliograph.login.limits are positive");
    }
  }

  private static boolean positive(Duration duration) {
    return duration.isPositive();
  }

  private static void require(boolean holds, String sentence) {
    if (!holds) {
      throw new IllegalArgumentException(sentence);
    }
  }

  @Override
  public String toString() {
    return "LoginProperties[" + policy + ']';
  }
}

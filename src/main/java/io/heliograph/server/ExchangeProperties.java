package io.heliograph.server;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.Assert;
import org.springframework.util.unit.DataSize;

/**
 * Settings for how long the server waits for the peer of an HTTP request.
 *
 * @param bodyTimeout the total time for a request's body
 * @param answerTimeout the total time that the server waits for the peer while it writes an answer
 * @param minRate bytes per second that a body or an answer must reach after its first 5 s
 * @param slowExchanges how many requests may wait for their peers at a time; above it the one that
 *     has waited longest is ended
 */
@ConfigurationProperties("heliograph.server")
public record ExchangeProperties(
    @DefaultValue("30s") Duration bodyTimeout,
    @DefaultValue("30s") Duration answerTimeout,
    @DefaultValue("1KB") DataSize minRate,
    @DefaultValue("5000") int slowExchanges) {

  private static final String PREFIX = "heliograph.server.";

  public ExchangeProperties {
    requirePositive("body-timeout", bodyTimeout);
    requirePositive("answer-timeout", answerTimeout);
    Assert.isTrue(
        minRate.toBytes() >= 0, () -> PREFIX + "min-rate must be 0 or more, but is " + minRate);
    Assert.isTrue(
        slowExchanges > 0,
        () -> PREFIX + "slow-exchanges must be 1 or more, but is " + slowExchanges);
  }

  private static void requirePositive(String name, Duration value) {
    Assert.isTrue(
        value.toMillis() > 0, () -> PREFIX + name + " must be longer than 0, but is " + value);
  }
}

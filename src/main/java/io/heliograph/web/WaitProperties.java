package io.heliograph.web;

import java.time.Duration;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.Assert;

/**
 * Limits of waiting calls. Above a limit per key or address the answer is 429, above a node's limit
 * 503.
 *
 * @param waits publishes on this node that wait for receipts ({@code wait=delivered}, {@code
 *     wait=acked})
 * @param waitsPerKey the same for one API key
 * @param streams NDJSON streams on this node
 * @param streamsPerKey the same for one API key
 * @param streamIdle how long a stream may make no progress before it is aborted
 * @param loginWaits polls of logins on this node that wait for the next change
 * @param loginWaitsPerAddress the same for one address
 */
@ConfigurationProperties("heliograph.server")
public record WaitProperties(
    @DefaultValue("2000") int waits,
    @DefaultValue("1000") int waitsPerKey,
    @DefaultValue("200") int streams,
    @DefaultValue("100") int streamsPerKey,
    @DefaultValue("60s") Duration streamIdle,
    @DefaultValue("10000") int loginWaits,
    @DefaultValue("5000") int loginWaitsPerAddress) {

  private static final String PREFIX = "heliograph.server.";

  public WaitProperties {
    requirePositive("waits", waits);
    requirePositive("waits-per-key", waitsPerKey);
    requirePositive("streams", streams);
    requirePositive("streams-per-key", streamsPerKey);
    requirePositive("login-waits", loginWaits);
    requirePositive("login-waits-per-address", loginWaitsPerAddress);
    Assert.isTrue(
        streamIdle.toMillis() > 0,
        () -> PREFIX + "stream-idle must be longer than 0, but is " + streamIdle);
  }

  private static void requirePositive(String name, int value) {
    Assert.isTrue(value > 0, () -> PREFIX + name + " must be 1 or more, but is " + value);
  }
}

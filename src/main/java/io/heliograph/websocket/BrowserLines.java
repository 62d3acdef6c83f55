package io.heliograph.websocket;

import io.heliograph.hub.Capabilities;
import io.heliograph.hub.PushHub;
import io.heliograph.message.Channel;
import io.heliograph.security.BrowserTokens;
import io.heliograph.session.SessionProperties;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** What all {@link BrowserLine}s share, so that each holds one reference to it. */
@Component
final class BrowserLines {

  private final PushHub hub;
  private final BrowserTokens tokens;
  private final List<Capabilities> capabilities;
  private final int maxFramesPerSecond;
  private final MeterRegistry meters;

  BrowserLines(
      PushHub hub,
      BrowserTokens tokens,
      List<Capabilities> capabilities,
      SessionProperties properties,
      MeterRegistry meters) {
    this.hub = hub;
    this.tokens = tokens;
    this.capabilities = List.copyOf(capabilities);
    this.maxFramesPerSecond = properties.maxFramesPerSecond();
    this.meters = meters;
  }

  PushHub hub() {
    return hub;
  }

  BrowserTokens tokens() {
    return tokens;
  }

  int maxFramesPerSecond() {
    return maxFramesPerSecond;
  }

  long nanoTime() {
    return System.nanoTime();
  }

  @Nullable Capabilities capabilitiesFor(Channel channel) {
    for (Capabilities each : capabilities) {
      if (each.decides(channel)) {
        return each;
      }
    }
    return null;
  }

  /**
   * @param reason of a closed set
   */
  void refused(String reason) {
    Counter.builder("heliograph.frames.refused")
        .description("Frames from browsers that were refused")
        .tag("reason", reason)
        .register(meters)
        .increment();
  }
}

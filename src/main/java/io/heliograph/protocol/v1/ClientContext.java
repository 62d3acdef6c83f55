package io.heliograph.protocol.v1;

import io.heliograph.hub.ChannelAuthorizer;
import io.heliograph.hub.Hub;
import io.heliograph.message.Channel;
import io.heliograph.security.BrowserTokens;
import io.heliograph.session.SessionProperties;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** What all {@link ClientConversation}s share, so that each holds one reference to it. */
@Component
final class ClientContext {

  private final Hub hub;
  private final BrowserTokens tokens;
  private final List<ChannelAuthorizer> capabilities;
  private final int maxFramesPerSecond;
  private final MeterRegistry meters;

  ClientContext(
      Hub hub,
      BrowserTokens tokens,
      List<ChannelAuthorizer> capabilities,
      SessionProperties properties,
      MeterRegistry meters) {
    this.hub = hub;
    this.tokens = tokens;
    this.capabilities = List.copyOf(capabilities);
    this.maxFramesPerSecond = properties.maxFramesPerSecond();
    this.meters = meters;
  }

  Hub hub() {
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

  @Nullable ChannelAuthorizer capabilitiesFor(Channel channel) {
    for (ChannelAuthorizer each : capabilities) {
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

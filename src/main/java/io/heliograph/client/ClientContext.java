package io.heliograph.client;

import io.heliograph.hub.Hub;
import io.heliograph.message.Channel;
import io.heliograph.security.BrowserTokens;
import io.heliograph.session.SessionProperties;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/** What all {@link ClientConversation}s share, so that each holds one reference to it. */
@Component
public final class ClientContext {

  private final Hub hub;
  private final BrowserTokens tokens;
  private final List<ChannelAuthorizer> authorizers;
  private final int maxFramesPerSecond;
  private final MeterRegistry meters;
  private final Executor blocking;
  private final LongSupplier nanoTime;

  @Autowired
  ClientContext(
      Hub hub,
      BrowserTokens tokens,
      List<ChannelAuthorizer> authorizers,
      SessionProperties properties,
      MeterRegistry meters) {
    this(
        hub,
        tokens,
        authorizers,
        properties.maxFramesPerSecond(),
        meters,
        Thread::startVirtualThread,
        System::nanoTime);
  }

  /**
   * @param blocking runs what may block, such as the check of a token
   * @param nanoTime monotonic nanoseconds
   */
  public ClientContext(
      Hub hub,
      BrowserTokens tokens,
      List<ChannelAuthorizer> authorizers,
      int maxFramesPerSecond,
      MeterRegistry meters,
      Executor blocking,
      LongSupplier nanoTime) {
    this.hub = hub;
    this.tokens = tokens;
    this.authorizers = List.copyOf(authorizers);
    this.maxFramesPerSecond = maxFramesPerSecond;
    this.meters = meters;
    this.blocking = blocking;
    this.nanoTime = nanoTime;
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

  Executor blocking() {
    return blocking;
  }

  long nanoTime() {
    return nanoTime.getAsLong();
  }

  @Nullable ChannelAuthorizer authorizerOf(Channel channel) {
    for (ChannelAuthorizer each : authorizers) {
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

package io.heliograph.client;

import io.heliograph.hub.Hub;
import io.heliograph.hub.Subscriptions;
import io.heliograph.message.Channel;
import io.heliograph.security.BrowserTokens;
import io.heliograph.session.SessionProperties;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.ObjectProvider;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/** What all {@link ClientConversation}s share, so that each holds one reference to it. */
@Component
public final class ClientContext {

  private final Hub hub;
  private final Subscriptions subscriptions;
  private final BrowserTokens tokens;
  private final List<ChannelAuthorizer> authorizers;
  private final ClientPublisher publisher;
  private final ClientCalls calls;
  private final ClientUploads uploads;
  private final int maxFramesPerSecond;
  private final ClientMetrics metrics;
  private final Executor blocking;
  private final LongSupplier nanoTime;
  private final SessionRequests requests;

  @Autowired
  ClientContext(
      Hub hub,
      Subscriptions subscriptions,
      BrowserTokens tokens,
      List<ChannelAuthorizer> authorizers,
      ClientPublisher publisher,
      ObjectProvider<ClientCalls> calls,
      ObjectProvider<ClientUploads> uploads,
      SessionProperties properties,
      ClientMetrics metrics) {
    this(
        hub,
        subscriptions,
        tokens,
        authorizers,
        publisher,
        calls.getIfAvailable(() -> ClientCalls.NONE),
        uploads.getIfAvailable(() -> ClientUploads.NONE),
        properties.maxFramesPerSecond(),
        metrics,
        Thread::startVirtualThread,
        System::nanoTime);
  }

  /**
   * @param blocking runs what may block, such as the check of a token
   * @param nanoTime monotonic nanoseconds
   */
  ClientContext(
      Hub hub,
      Subscriptions subscriptions,
      BrowserTokens tokens,
      List<ChannelAuthorizer> authorizers,
      ClientPublisher publisher,
      ClientCalls calls,
      ClientUploads uploads,
      int maxFramesPerSecond,
      ClientMetrics metrics,
      Executor blocking,
      LongSupplier nanoTime) {
    this.hub = hub;
    this.subscriptions = subscriptions;
    this.tokens = tokens;
    this.authorizers = List.copyOf(authorizers);
    this.publisher = publisher;
    this.calls = calls;
    this.uploads = uploads;
    this.maxFramesPerSecond = maxFramesPerSecond;
    this.metrics = metrics;
    this.blocking = blocking;
    this.nanoTime = nanoTime;
    this.requests = new SessionRequests(this);
  }

  Hub hub() {
    return hub;
  }

  Subscriptions subscriptions() {
    return subscriptions;
  }

  SessionRequests requests() {
    return requests;
  }

  BrowserTokens tokens() {
    return tokens;
  }

  ClientPublisher publisher() {
    return publisher;
  }

  ClientUploads uploads() {
    return uploads;
  }

  ClientCalls calls() {
    return calls;
  }

  ClientMetrics metrics() {
    return metrics;
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
}

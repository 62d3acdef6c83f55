package io.heliograph.transport.websocket;

import io.heliograph.server.ReadExecutor;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;

/** What all sockets of one endpoint share, so that each holds one reference to it. */
final class WebSocketContext {

  private final WebSocketEndpoint endpoint;
  private final ReadExecutor reads;
  private final Counter timeouts;
  private final Counter floods;

  WebSocketContext(WebSocketEndpoint endpoint, ReadExecutor reads, MeterRegistry meters) {
    this.endpoint = endpoint;
    this.reads = reads;
    this.timeouts = cuts("close_timeout", meters);
    this.floods = cuts("max_discarded", meters);
  }

  private static Counter cuts(String reason, MeterRegistry meters) {
    return Counter.builder("heliograph.websocket.cuts")
        .description("Closing sockets that were cut before the peer's close")
        .tag("reason", reason)
        .register(meters);
  }

  WebSocketEndpoint endpoint() {
    return endpoint;
  }

  ReadExecutor reads() {
    return reads;
  }

  void cutAfterTimeout() {
    timeouts.increment();
  }

  void cutAfterTooMuch() {
    floods.increment();
  }
}

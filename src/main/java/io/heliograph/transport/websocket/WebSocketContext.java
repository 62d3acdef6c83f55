package io.heliograph.transport.websocket;

import io.heliograph.server.ReadExecutor;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.ByteBuffer;

/** What all sockets of one endpoint share, so that each holds one reference to it. */
final class WebSocketContext {

  private final WebSocketEndpoint endpoint;
  private final ReadExecutor reads;

  /** Goes out in front of each ping; empty: nothing does. */
  private final ByteBuffer heartbeat;

  private final Counter timeouts;
  private final Counter floods;

  WebSocketContext(WebSocketEndpoint endpoint, ReadExecutor reads, MeterRegistry meters) {
    this.endpoint = endpoint;
    this.reads = reads;
    this.heartbeat = endpoint.encoding().heartbeat();
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

  ByteBuffer heartbeat() {
    return heartbeat;
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

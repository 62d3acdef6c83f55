package io.heliograph.protocol.stomp;

import java.util.concurrent.CompletableFuture;

/** What becomes of a client's {@code SEND}. Tests of this layer put an echo here. */
@FunctionalInterface
interface SendHandler {

  /**
   * @return done when the client's next frame may be handled; never fails
   */
  CompletableFuture<Void> send(StompFrame frame, StompRequests client) throws StompException;
}

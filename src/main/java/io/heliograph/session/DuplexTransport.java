package io.heliograph.session;

/** A transport whose connection carries requests, too, such as a WebSocket. */
public interface DuplexTransport extends Transport {

  /**
   * Hands over no further request until {@link #resumeReading}: for one that is answered before the
   * next is read, so that requests keep their order and answers do not pile up. Called while a
   * request is handed over. The client's close is not noticed meanwhile, unless a write fails.
   */
  void pauseReading();

  /** Goes on reading; called by any thread. */
  void resumeReading();
}

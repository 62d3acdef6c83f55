package io.heliograph.transport.http;

/** What a {@link ResponseStream} reports. Called without a lock, on any thread; must not block. */
public interface StreamListener {

  /**
   * The head of the response has left and the connection is the stream's: it may be written to.
   * Never called when the connection broke before.
   */
  void onOpen(ResponseStream stream);

  /**
   * Called once if {@link #onOpen} was, whichever side ended it; maybe before that has returned.
   *
   * @param complete the response was handed to the network up to its end; false: the client has
   *     left, or the connection was cut
   */
  void onEnd(boolean complete);
}

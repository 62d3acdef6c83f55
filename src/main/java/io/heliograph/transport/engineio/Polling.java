package io.heliograph.transport.engineio;

import io.heliograph.session.DuplexTransport;
import org.jspecify.annotations.Nullable;

/**
 * What a session needs as long as it is carried by polling. Guarded by its {@link
 * EngineTransport}'s lock.
 */
final class Polling {

  final String sid;

  /** The GET that waits; null between two. */
  @Nullable Poll waiting;

  /** The GET that is being answered, and what of the answer had not left at the last look. */
  @Nullable Poll answering;

  int unsent;

  /** Since when the client owes a GET, or has taken nothing of an answer. */
  long sinceNanos;

  /** A POST is being received. */
  boolean posting;

  /** The listener has paused reading. */
  boolean paused;

  /** A packet was malformed, or there were too many: what follows is discarded. */
  boolean discarding;

  /** A close packet is to be sent; {@link #lastAnswer}: is in the answer that leaves. */
  boolean closeWaits;

  boolean lastAnswer;

  /** The client has closed the session; a GET that was on its way is answered. */
  boolean farewell;

  /** The WebSocket of an upgrade that has begun, and since when. */
  @Nullable DuplexTransport candidate;

  long candidateSinceNanos;

  /** The candidate was probed: from now on a GET does not wait. */
  boolean probed;

  Polling(String sid, long nowNanos) {
    this.sid = sid;
    this.sinceNanos = nowNanos;
  }

  /** Whether the client has been owing a GET, or its reading of an answer, for so long. */
  boolean isOverdue(long nowNanos, long timeoutNanos) {
    if (answering != null) {
      int left = answering.unsent();
      if (left < 0 || left != unsent) {
        unsent = left;
        sinceNanos = nowNanos;
      }
    }
    return waiting == null && nowNanos - sinceNanos > timeoutNanos;
  }
}

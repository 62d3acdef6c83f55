package io.heliograph.transport.engineio;

import io.heliograph.session.CloseReason;
import io.heliograph.transport.engineio.PollingCarrier.Answer;

/**
 * The POSTs of a polling client: one at a time, its packets one after the other. Safe for many
 * threads. Its state is guarded by the session's lock.
 */
final class Posts {

  private final EngineTransport session;

  /** One is being received. */
  private boolean underWay;

  /** The listener has paused reading. */
  private boolean paused;

  /** A packet was malformed, or there were too many: what follows is discarded. */
  private boolean discarding;

  Posts(EngineTransport session) {
    this.session = session;
  }

  /** Under the lock. */
  boolean isUnderWay() {
    return underWay;
  }

  /** One has begun to arrive; if this answers OK, one of the next three is to follow. */
  Answer begin() {
    synchronized (session) {
      if (!session.isOpen() || session.isOnSocket()) {
        return Answer.UNKNOWN;
      }
      if (discarding) {
        // Refused before. The session may take until its next GET to close, and each refusal that
        // is reported is a line in the log.
        return Answer.BROKEN;
      }
      if (!underWay) {
        underWay = true;
        return Answer.OK;
      }
      discarding = true;
    }
    session
        .listener()
        .onMalformed(CloseReason.BAD_FRAME, "a POST is sent when the last one was answered");
    return Answer.BROKEN;
  }

  /** The body is too large, or no text. */
  void refuse(CloseReason reason, String rule) {
    stop();
    session.listener().onMalformed(reason, rule);
  }

  /** The body did not come whole. */
  void lose() {
    stop();
    session.abort();
  }

  private void stop() {
    synchronized (session) {
      discarding = true;
      underWay = false;
    }
  }

  /** Handles the packets of a body; returns when the last one is handled. */
  Answer end(String body) {
    try {
      int begin = 0;
      while (begin <= body.length() && mayHandle()) {
        int separator = body.indexOf(EngineFraming.SEPARATOR, begin);
        int end = separator < 0 ? body.length() : separator;
        if (session.listener().onPacket()) {
          EnginePackets.handle(session, body.substring(begin, end), true);
        } else {
          discard();
        }
        begin = end + 1;
      }
    } catch (RuntimeException | Error e) {
      session.fail(e);
    }
    synchronized (session) {
      underWay = false;
      return discarding ? Answer.BROKEN : Answer.OK;
    }
  }

  /** Waits while the listener has paused reading; false when nothing more is to be handled. */
  private boolean mayHandle() {
    synchronized (session) {
      while (paused && session.isOpen()) {
        try {
          session.wait();
        } catch (InterruptedException e) {
          Thread.currentThread().interrupt();
          return false;
        }
      }
      return !discarding && session.isOpen();
    }
  }

  void pause(boolean pause) {
    synchronized (session) {
      paused = pause;
      session.notifyAll();
    }
  }

  void discard() {
    synchronized (session) {
      discarding = true;
    }
  }
}

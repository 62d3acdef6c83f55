package io.heliograph.transport.engineio;

import io.heliograph.session.CloseReason;
import io.heliograph.session.DuplexTransport;
import io.heliograph.session.Transport.WriteCallback;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What carries a session whose client polls: GETs that are answered with what the session writes,
 * and {@link Posts} that bring packets; until the client upgrades to a WebSocket.
 *
 * <p>Safe for many threads. Its state is guarded by the session's lock, and what is said to be
 * under the lock is called with it.
 */
@SuppressWarnings("ReferenceEquality") // each poll and each candidate is one of its own
final class PollingCarrier {

  /** What becomes of a request. */
  enum Answer {
    /** A POST was handled; a GET is answered or waits. */
    OK,
    /** The session is no more, or is not carried by polling any more. */
    UNKNOWN,
    /** The request breaks the protocol. */
    BROKEN
  }

  private static final ByteBuffer CLOSE = EngineFraming.packet("1");
  private static final ByteBuffer PROBE_ANSWER = EngineFraming.packet("3probe");
  private static final ByteBuffer NO_OP = EngineFraming.packet("6");
  private static final WriteCallback UNREPORTED = failure -> {};

  /** How long a GET is still answered that crossed the client's close on its way. */
  private static final long FAREWELL_NANOS = 1_000_000_000L;

  private final EngineTransport session;
  private final EngineContext context;
  private final String sid;
  private final Posts posts;

  /** A WebSocket carries the session instead. */
  private boolean left;

  /** The GET that waits; null between two. */
  private @Nullable Poll waiting;

  /** The GET that is being answered, and what of the answer had not left at the last look. */
  private @Nullable Poll answering;

  private int unsent;

  /** The answer that leaves has the close packet in it. */
  private boolean lastAnswer;

  /** Since when the client owes a GET, or has taken nothing of an answer. */
  private long sinceNanos;

  /** The client has closed the session; a GET that was on its way is answered. */
  private boolean farewell;

  /** The WebSocket of an upgrade that has begun, and since when. */
  private @Nullable DuplexTransport candidate;

  private long candidateSinceNanos;

  /** The candidate was probed: from now on a GET does not wait. */
  private boolean probed;

  PollingCarrier(EngineTransport session, EngineContext context, String sid) {
    this.session = session;
    this.context = context;
    this.sid = sid;
    this.posts = new Posts(session);
    this.sinceNanos = context.now();
  }

  Posts posts() {
    return posts;
  }

  // What the session writes; under the lock -------------------------------------------------------

  boolean isPolled() {
    return waiting != null;
  }

  /** Whether a GET is to be answered, although nothing is to be said. */
  boolean mustNotWait() {
    return probed;
  }

  @Nullable Poll beginAnswer() {
    answering = waiting;
    waiting = null;
    unsent = -1;
    lastAnswer = session.isClosing();
    sinceNanos = context.now();
    return answering;
  }

  /** The answer has left. Whether it was the last one. */
  boolean endAnswer() {
    answering = null;
    sinceNanos = context.now();
    return lastAnswer;
  }

  // GETs ------------------------------------------------------------------------------------------

  /** A GET has come. A second one beside one that waits ends the session. */
  Answer poll(Poll poll) {
    Poll first = null;
    boolean released = false;
    synchronized (session) {
      if (left || (session.isEnded() && !farewell)) {
        return Answer.UNKNOWN;
      }
      if (farewell) {
        released = true;
        forget();
      } else if (waiting == null) {
        waiting = poll;
      } else {
        first = waiting;
        waiting = null;
      }
    }
    if (released) {
      answer(poll, NO_OP);
    } else if (first == null) {
      session.flush();
    } else {
      answer(first, CLOSE);
      session.end(CloseReason.BAD_FRAME);
      return Answer.BROKEN;
    }
    return Answer.OK;
  }

  private static void answer(Poll poll, ByteBuffer packet) {
    poll.answer(PollPayload.of(new ByteBuffer[] {packet.duplicate()}), UNREPORTED);
  }

  /** The client cancelled a GET, or its connection broke. */
  void lost(Poll poll) {
    synchronized (session) {
      if (left || (waiting != poll && answering != poll)) {
        return;
      }
      if (waiting == poll) {
        waiting = null;
      }
    }
    session.end(CloseReason.GONE);
  }

  // Upgrading -------------------------------------------------------------------------------------

  /** A WebSocket wants to carry the session; false when it cannot, or another one wants to. */
  boolean offers(DuplexTransport socket) {
    synchronized (session) {
      if (left || !session.isOpen() || candidate != null) {
        return false;
      }
      candidate = socket;
      candidateSinceNanos = context.now();
      return true;
    }
  }

  /** The candidate asks whether it reaches the session; false when it may not, or did before. */
  boolean probes(DuplexTransport socket) {
    synchronized (session) {
      if (candidate != socket || probed) {
        return false;
      }
      probed = true;
    }
    // Nothing else may be written to it before this has left.
    socket.pauseReading();
    socket.write(new ByteBuffer[] {PROBE_ANSWER.duplicate()}, _ -> socket.resumeReading());
    // A GET that waits is answered, so that the client can leave polling.
    session.flush();
    return true;
  }

  /** The candidate carries the session from now on; false when it may not. */
  boolean upgrades(DuplexTransport socket) {
    Poll released;
    synchronized (session) {
      if (left || !session.isOpen() || candidate != socket || !probed || posts.isUnderWay()) {
        return false;
      }
      left = true;
      released = waiting;
      waiting = null;
      session.carriedBy(socket);
      context.sessions().remove(sid);
    }
    if (released != null) {
      answer(released, NO_OP);
    }
    session.listener().onUpgrade();
    session.flush();
    return true;
  }

  /** The candidate has gone before it carried the session, which goes on with polling. */
  void withdraws(DuplexTransport socket) {
    synchronized (session) {
      if (candidate == socket) {
        candidate = null;
        probed = false;
      }
    }
  }

  /** The session that an upgraded socket carries. */
  EngineTransport session() {
    return session;
  }

  // The end ---------------------------------------------------------------------------------------

  /** Ends a session whose client does not poll, read or close any more. */
  void tick(long nowNanos) {
    EngineLimits limits = context.endpoint().limits();
    boolean overdue;
    CloseReason reason;
    DuplexTransport late = null;
    synchronized (session) {
      if (session.isEnded()) {
        if (nowNanos - sinceNanos > FAREWELL_NANOS) {
          forget();
        }
        return;
      }
      overdue = !left && isOverdue(nowNanos, limits.pollTimeout().toNanos());
      reason = answering == null ? CloseReason.GONE : CloseReason.SLOW;
      if (nowNanos - candidateSinceNanos > limits.upgradeTimeout().toNanos()) {
        late = candidate;
        candidate = null;
        probed = false;
      }
    }
    if (overdue) {
      session.end(reason);
    } else if (late != null) {
      late.close(CloseReason.BAD_FRAME);
    }
  }

  /** Under the lock: the client has been owing a GET, or its reading of an answer, for too long. */
  private boolean isOverdue(long nowNanos, long timeoutNanos) {
    if (answering != null) {
      int rest = answering.unsent();
      if (rest < 0 || rest != unsent) {
        unsent = rest;
        sinceNanos = nowNanos;
      }
    }
    return waiting == null && nowNanos - sinceNanos > timeoutNanos;
  }

  /** The session is being closed, with the next answer. */
  void closing(CloseReason reason) {
    DuplexTransport upgrading;
    synchronized (session) {
      sinceNanos = context.now();
      upgrading = candidate;
      session.notifyAll();
    }
    if (upgrading != null) {
      upgrading.close(reason);
    }
  }

  /** A GET may have been sent before the client's close, on another connection. */
  void clientCloses() {
    synchronized (session) {
      farewell = waiting == null;
      sinceNanos = context.now();
    }
  }

  /** The session has ended. */
  void end() {
    Poll released;
    Poll cut;
    DuplexTransport upgrading;
    synchronized (session) {
      if (!farewell) {
        forget();
      }
      released = waiting;
      waiting = null;
      cut = lastAnswer ? null : answering;
      upgrading = candidate;
      session.notifyAll();
    }
    if (released != null) {
      answer(released, NO_OP);
    }
    if (cut != null) {
      cut.abort();
    }
    if (upgrading != null) {
      upgrading.abort();
    }
  }

  /** Under the lock. */
  private void forget() {
    farewell = false;
    context.sessions().remove(sid);
  }
}

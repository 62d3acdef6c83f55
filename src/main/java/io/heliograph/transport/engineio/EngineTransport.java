package io.heliograph.transport.engineio;

import io.heliograph.session.CloseReason;
import io.heliograph.session.DuplexTransport;
import io.heliograph.session.Encoding;
import io.heliograph.session.Transport;
import io.heliograph.session.TransportInfo;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Arrays;
import java.util.Base64;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session of Engine.IO as a transport. It lives as long as the session and writes to what carries
 * the session now: the GET of a polling client, or a WebSocket. Without a GET a write waits for the
 * next one.
 *
 * <p>The only writer of its carrier: one write is under way at a time, and packets of its own
 * (open, ping, no-op, close) leave before or between the session's.
 *
 * <p>Safe for many threads. Nothing outside is called with the lock held.
 */
final class EngineTransport implements DuplexTransport, Transport.WriteCallback {

  private static final Logger log = LoggerFactory.getLogger(EngineTransport.class);

  private static final ByteBuffer CLOSE = EngineFraming.packet("1");
  private static final ByteBuffer PING = EngineFraming.packet("2");
  private static final ByteBuffer PROBE_ANSWER = EngineFraming.packet("3probe");
  private static final ByteBuffer NO_OP = EngineFraming.packet("6");

  private static final ByteBuffer[] NOTHING = {};
  private static final WriteCallback NOBODY = failure -> {};
  private static final int NO_PING = -1;
  private static final int MOST_UNANSWERED = 100;

  /** How long a GET is still answered that crossed the client's close on its way. */
  private static final long FAREWELL_NANOS = 1_000_000_000L;

  private static final char SEPARATOR = EngineFraming.SEPARATOR;

  private final EngineContext context;
  private final String remoteAddress;
  private final EngineListener listener;

  // Guarded by this, except that info() and pausing read what carries the session without it.
  private volatile @Nullable DuplexTransport socket;
  private volatile @Nullable Polling polling;

  // Guarded by this. The session's write that waits for its turn, and the callback of what leaves.
  private ByteBuffer @Nullable [] frames;
  private @Nullable WriteCallback framesDone;
  private @Nullable WriteCallback leavingDone;
  private boolean busy;
  private @Nullable ByteBuffer opening;

  // Guarded by this. The ping that waits, the last one that left, and pings without an answer.
  private short pingWaits = NO_PING;
  private short lastPing = NO_PING;
  private byte unanswered;

  /** Why this side closes it; null while it does not. Written under the lock. */
  private volatile @Nullable CloseReason closing;

  /** Written under the lock. */
  private volatile boolean ended;

  private EngineTransport(EngineContext context, String remoteAddress, EngineListener listener) {
    this.context = context;
    this.remoteAddress = remoteAddress;
    this.listener = listener;
  }

  /** A session that begins with polling; the caller tells the client its id. */
  static EngineTransport polling(
      EngineContext context, String sid, String remoteAddress, EngineListener listener) {
    var session = new EngineTransport(context, remoteAddress, listener);
    session.polling = new Polling(sid, context.now());
    context.sessions().add(sid, session);
    session.open();
    return session;
  }

  /**
   * A session that is carried by a WebSocket from the first.
   *
   * @param opening the packet that opens it, framed
   */
  static EngineTransport onSocket(
      EngineContext context, DuplexTransport socket, ByteBuffer opening, EngineListener listener) {
    var session = new EngineTransport(context, socket.remoteAddress(), listener);
    session.socket = socket;
    session.opening = opening;
    session.open();
    session.flush();
    return session;
  }

  private void open() {
    try {
      listener.onOpen(this);
    } catch (RuntimeException | Error e) {
      fault(e);
    }
  }

  @Override
  public TransportInfo info() {
    return polling == null ? context.endpoint().onSocket() : context.endpoint().onPolling();
  }

  @Override
  public Encoding encoding() {
    return context.endpoint().encoding();
  }

  @Override
  public String remoteAddress() {
    return remoteAddress;
  }

  // Writing ---------------------------------------------------------------------------------------

  @Override
  public void write(ByteBuffer[] newFrames, WriteCallback done) {
    boolean open;
    synchronized (this) {
      open = closing == null && !ended;
      if (open) {
        if (frames != null || leavingDone != null) {
          throw new IllegalStateException("a second write while one is under way");
        }
        frames = newFrames;
        framesDone = done;
      }
    }
    if (open) {
      flush();
    } else {
      done.written(new ClosedChannelException());
    }
  }

  @Override
  public void ping(int number) {
    synchronized (this) {
      if (closing != null || ended) {
        return;
      }
      pingWaits = (short) number;
    }
    flush();
  }

  private void flush() {
    DuplexTransport toSocket;
    Poll toPoll = null;
    ByteBuffer[] packets;
    WriteCallback done;
    synchronized (this) {
      Polling polls = polling;
      toSocket = socket;
      boolean ready = toSocket != null || (polls != null && polls.waiting != null);
      if (busy || ended || !ready || (toSocket != null && closing != null)) {
        return;
      }
      packets = gather(polls);
      if (packets.length == 0) {
        return;
      }
      done = framesDone;
      leavingDone = done;
      framesDone = null;
      frames = null;
      busy = true;
      if (polls != null) {
        toPoll = polls.waiting;
        polls.waiting = null;
        polls.answering = toPoll;
        polls.unsent = -1;
        polls.sinceNanos = context.now();
      }
    }
    if (toSocket != null) {
      toSocket.write(packets, this);
    } else if (toPoll != null) {
      toPoll.answer(PollPayload.of(done == null ? packets : concat(packets, done.more())), this);
    }
  }

  /** Under the lock: what leaves next, which may be nothing. */
  private ByteBuffer[] gather(@Nullable Polling polls) {
    ByteBuffer[] own = frames == null ? NOTHING : frames;
    boolean pings = pingWaits != NO_PING;
    boolean closes = polls != null && polls.closeWaits;
    boolean releases = polls != null && polls.probed && own.length == 0 && !pings && !closes;
    if (opening == null && !pings && !closes && !releases) {
      return own;
    }
    var all = new ByteBuffer[4 + own.length];
    int count = 0;
    if (opening != null) {
      all[count++] = opening.duplicate();
      opening = null;
    }
    if (pings) {
      all[count++] = PING.duplicate();
      lastPing = pingWaits;
      pingWaits = NO_PING;
      unanswered = (byte) Math.min(MOST_UNANSWERED, unanswered + 1);
    }
    System.arraycopy(own, 0, all, count, own.length);
    count += own.length;
    if (releases) {
      all[count++] = NO_OP.duplicate();
    }
    if (closes && polls != null) {
      all[count++] = CLOSE.duplicate();
      polls.closeWaits = false;
      polls.lastAnswer = true;
    }
    return Arrays.copyOf(all, count);
  }

  private static ByteBuffer[] concat(ByteBuffer[] first, ByteBuffer[] more) {
    if (more.length == 0) {
      return first;
    }
    ByteBuffer[] all = Arrays.copyOf(first, first.length + more.length);
    System.arraycopy(more, 0, all, first.length, more.length);
    return all;
  }

  /** What was written to the carrier has left, or never will. */
  @Override
  public void written(@Nullable Throwable failure) {
    WriteCallback done;
    boolean lastAnswer = false;
    boolean onSocket;
    synchronized (this) {
      if (!busy) {
        return;
      }
      busy = false;
      done = leavingDone;
      leavingDone = null;
      onSocket = socket != null;
      Polling polls = polling;
      if (polls != null) {
        polls.answering = null;
        polls.sinceNanos = context.now();
        lastAnswer = polls.lastAnswer;
      }
    }
    if (done != null) {
      done.written(failure);
    }
    if (lastAnswer || (failure != null && !onSocket)) {
      end(CloseReason.GONE);
    } else {
      flush();
    }
  }

  // Polling ---------------------------------------------------------------------------------------

  /** What becomes of a request that names this session. */
  enum Answer {
    /** A POST was handled; a GET is answered or waits. */
    OK,
    /** The session is no more, or is not carried by polling any more. */
    UNKNOWN,
    /** The request breaks the protocol, and the session has ended. */
    BROKEN
  }

  /** A GET has come. A second one beside one that waits ends the session. */
  Answer poll(Poll poll) {
    Poll first = null;
    boolean farewell = false;
    synchronized (this) {
      Polling polls = polling;
      if (polls == null || (ended && !polls.farewell)) {
        return Answer.UNKNOWN;
      }
      if (ended) {
        farewell = true;
        forget(polls);
      } else if (polls.waiting == null) {
        polls.waiting = poll;
      } else {
        first = polls.waiting;
        polls.waiting = null;
      }
    }
    if (farewell) {
      answer(poll, NO_OP);
      return Answer.OK;
    }
    if (first == null) {
      flush();
      return Answer.OK;
    }
    answer(first, CLOSE);
    end(CloseReason.BAD_FRAME);
    return Answer.BROKEN;
  }

  private static void answer(Poll poll, ByteBuffer packet) {
    poll.answer(PollPayload.of(new ByteBuffer[] {packet.duplicate()}), NOBODY);
  }

  /** Under the lock. */
  private void forget(Polling polls) {
    polls.farewell = false;
    context.sessions().remove(polls.sid);
  }

  /** The client cancelled a GET, or its connection broke. */
  void lost(Poll poll) {
    synchronized (this) {
      Polling polls = polling;
      if (polls == null || (polls.waiting != poll && polls.answering != poll)) {
        return;
      }
      if (polls.waiting == poll) {
        polls.waiting = null;
      }
    }
    end(CloseReason.GONE);
  }

  /** A POST has begun to arrive; {@link #endPost} is to follow if this answers OK. */
  Answer beginPost() {
    synchronized (this) {
      Polling polls = polling;
      if (polls == null || ended || closing != null) {
        return Answer.UNKNOWN;
      }
      if (!polls.posting) {
        polls.posting = true;
        return Answer.OK;
      }
    }
    malformed(CloseReason.BAD_FRAME, "a POST while another one is being received");
    return Answer.BROKEN;
  }

  /** The body of a POST is too large, or no text. */
  void refusePost(CloseReason reason, String rule) {
    stopPosts();
    malformed(reason, rule);
  }

  /** The body of a POST did not come whole. */
  void losePost() {
    stopPosts();
    abort();
  }

  private synchronized void stopPosts() {
    Polling polls = polling;
    if (polls != null) {
      polls.discarding = true;
      polls.posting = false;
    }
  }

  /** Handles the packets of a POST one after the other; returns when the last one is handled. */
  Answer endPost(String body) {
    try {
      int begin = 0;
      while (begin <= body.length()) {
        int separator = body.indexOf(SEPARATOR, begin);
        int end = separator < 0 ? body.length() : separator;
        if (!receives()) {
          break;
        }
        if (!listener.onPacket()) {
          discard();
          break;
        }
        handle(body.substring(begin, end), true);
        begin = end + 1;
      }
    } catch (RuntimeException | Error e) {
      fault(e);
    }
    synchronized (this) {
      Polling polls = polling;
      if (polls == null) {
        return Answer.OK;
      }
      polls.posting = false;
      return polls.discarding ? Answer.BROKEN : Answer.OK;
    }
  }

  /** Waits while the listener has paused reading; false when nothing more is to be handled. */
  private synchronized boolean receives() {
    Polling polls = polling;
    while (polls != null && polls.paused && !ended && closing == null) {
      try {
        wait();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        return false;
      }
    }
    return polls != null && !polls.discarding && !ended && closing == null;
  }

  private synchronized void discard() {
    Polling polls = polling;
    if (polls != null) {
      polls.discarding = true;
    }
  }

  /** Ends a session whose client does not poll, read or close any more. */
  void tick(long nowNanos) {
    boolean overdue;
    Poll answering;
    DuplexTransport late = null;
    synchronized (this) {
      Polling polls = polling;
      if (polls == null) {
        return;
      }
      if (ended) {
        if (nowNanos - polls.sinceNanos > FAREWELL_NANOS) {
          forget(polls);
        }
        return;
      }
      overdue = polls.isOverdue(nowNanos, context.endpoint().limits().pollTimeout().toNanos());
      answering = polls.answering;
      long upgradeNanos = context.endpoint().limits().upgradeTimeout().toNanos();
      if (polls.candidate != null && nowNanos - polls.candidateSinceNanos > upgradeNanos) {
        late = polls.candidate;
      }
    }
    if (overdue) {
      end(answering == null ? CloseReason.GONE : CloseReason.SLOW);
    } else if (late != null) {
      late.close(CloseReason.BAD_FRAME);
    }
  }

  // Packets ---------------------------------------------------------------------------------------

  /** A text message of the WebSocket that carries the session. */
  void onText(String packet) {
    handle(packet, false);
  }

  void onBinary(ByteBuffer data) {
    listener.onBinary(data);
  }

  EngineListener listener() {
    return listener;
  }

  private void handle(String packet, boolean inPayload) {
    switch (packet.isEmpty() ? ' ' : packet.charAt(0)) {
      case '1' -> clientCloses();
      case '3' -> {
        if (!listener.onPong(pong())) {
          discard();
        }
      }
      case '4' -> listener.onMessage(packet.substring(1));
      case '6' -> {
        // Says nothing.
      }
      case 'b' -> {
        ByteBuffer data = inPayload ? base64(packet) : null;
        if (data == null) {
          malformed(CloseReason.BAD_FRAME, "a binary packet in a text message, or no base64");
        } else {
          listener.onBinary(data);
        }
      }
      default ->
          malformed(
              CloseReason.BAD_FRAME, "a packet that a client may send has the type 1, 3, 4 or 6");
    }
  }

  private static @Nullable ByteBuffer base64(String packet) {
    try {
      return ByteBuffer.wrap(Base64.getDecoder().decode(packet.substring(1)));
    } catch (IllegalArgumentException e) {
      return null;
    }
  }

  /** The number of the ping that is answered; -1 while answers to earlier ones are due as well. */
  private synchronized int pong() {
    if (unanswered == 0) {
      return NO_PING;
    }
    unanswered--;
    return unanswered == 0 ? lastPing : NO_PING;
  }

  private void malformed(CloseReason reason, String rule) {
    discard();
    listener.onMalformed(reason, rule);
  }

  private void clientCloses() {
    DuplexTransport carrier = socket;
    if (carrier != null) {
      carrier.close(CloseReason.NORMAL);
    } else {
      synchronized (this) {
        Polling polls = polling;
        // A GET may have been sent before, on another connection.
        if (polls != null && polls.waiting == null) {
          polls.farewell = true;
          polls.sinceNanos = context.now();
        }
      }
      end(CloseReason.GONE, CloseReason.NORMAL.code());
    }
  }

  @Override
  public void pauseReading() {
    DuplexTransport carrier = socket;
    if (carrier != null) {
      carrier.pauseReading();
    } else {
      pausePosts(true);
    }
  }

  @Override
  public void resumeReading() {
    pausePosts(false);
    DuplexTransport carrier = socket;
    if (carrier != null) {
      carrier.resumeReading();
    }
  }

  private synchronized void pausePosts(boolean pause) {
    Polling polls = polling;
    if (polls != null) {
      polls.paused = pause;
      notifyAll();
    }
  }

  // Upgrading -------------------------------------------------------------------------------------

  /** A WebSocket wants to carry the session; false when it cannot, or another one wants to. */
  synchronized boolean offers(DuplexTransport candidate) {
    Polling polls = polling;
    if (polls == null || ended || closing != null || polls.candidate != null) {
      return false;
    }
    polls.candidate = candidate;
    polls.candidateSinceNanos = context.now();
    return true;
  }

  /** The candidate asks whether it reaches the session; false when it may not, or did before. */
  boolean probes(DuplexTransport candidate) {
    synchronized (this) {
      Polling polls = polling;
      if (polls == null || polls.candidate != candidate || polls.probed) {
        return false;
      }
      polls.probed = true;
    }
    // Nothing else may be written to it before this has left.
    candidate.pauseReading();
    candidate.write(new ByteBuffer[] {PROBE_ANSWER.duplicate()}, _ -> candidate.resumeReading());
    // A GET that waits is answered, so that the client can leave polling.
    flush();
    return true;
  }

  /** The candidate carries the session from now on; false when it may not. */
  boolean upgrades(DuplexTransport candidate) {
    Poll left;
    synchronized (this) {
      Polling polls = polling;
      if (polls == null
          || ended
          || closing != null
          || polls.candidate != candidate
          || !polls.probed
          || polls.posting) {
        return false;
      }
      // An answer to a poll may still be leaving: it comes before what the socket is sent.
      left = polls.waiting;
      socket = candidate;
      polling = null;
      context.sessions().remove(polls.sid);
    }
    if (left != null) {
      answer(left, NO_OP);
    }
    listener.onUpgrade();
    flush();
    return true;
  }

  /** The candidate has gone before it carried the session, which goes on with polling. */
  synchronized void withdraws(DuplexTransport candidate) {
    Polling polls = polling;
    if (polls != null && polls.candidate == candidate) {
      polls.candidate = null;
      polls.probed = false;
    }
  }

  // Closing ---------------------------------------------------------------------------------------

  @Override
  public void close(CloseReason reason) {
    if (reason == CloseReason.GONE) {
      abort();
      return;
    }
    DuplexTransport carrier;
    DuplexTransport candidate;
    synchronized (this) {
      if (closing != null || ended) {
        return;
      }
      closing = reason;
      carrier = socket;
      Polling polls = polling;
      candidate = polls == null ? null : polls.candidate;
      if (polls != null) {
        polls.closeWaits = true;
        polls.sinceNanos = context.now();
      }
      notifyAll();
    }
    if (carrier != null) {
      carrier.close(reason);
    } else {
      if (candidate != null) {
        candidate.close(reason);
      }
      flush();
    }
  }

  @Override
  public boolean hasEnded() {
    DuplexTransport carrier = socket;
    return ended || (carrier != null && carrier.hasEnded());
  }

  @Override
  public void abort() {
    DuplexTransport carrier = socket;
    if (carrier != null) {
      carrier.abort();
    } else {
      end(CloseReason.GONE);
    }
  }

  /** The WebSocket that carried the session is no more. */
  void socketClosed(CloseReason reason, int code) {
    boolean byClient = reason == CloseReason.NORMAL && closing == null;
    end(byClient ? CloseReason.GONE : reason, code);
  }

  private void end(CloseReason seen) {
    end(seen, seen.code());
  }

  /**
   * @param seen why, if this side did not close it
   */
  private void end(CloseReason seen, int code) {
    WriteCallback waiting;
    WriteCallback leaving;
    Poll poll = null;
    Poll answering = null;
    DuplexTransport candidate = null;
    CloseReason reason;
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
      waiting = framesDone;
      leaving = leavingDone;
      Polling polls = polling;
      if (polls != null) {
        if (!polls.farewell) {
          forget(polls);
        }
        poll = polls.waiting;
        answering = polls.lastAnswer ? null : polls.answering;
        candidate = polls.candidate;
      }
      frames = null;
      framesDone = null;
      leavingDone = null;
      busy = false;
      reason = closing == null ? seen : closing;
      notifyAll();
    }
    if (poll != null) {
      answer(poll, NO_OP);
    }
    if (answering != null) {
      answering.abort();
    }
    if (candidate != null) {
      candidate.abort();
    }
    try {
      listener.onClosed(reason, reason == seen ? code : reason.code());
    } catch (RuntimeException | Error e) {
      log.error("A listener failed at the end of its session", e);
    }
    fail(waiting);
    fail(leaving);
  }

  private static void fail(@Nullable WriteCallback done) {
    if (done != null) {
      done.written(new ClosedChannelException());
    }
  }

  private void fault(Throwable failure) {
    log.error("A listener failed; its session is closed", failure);
    discard();
    close(CloseReason.FAULT);
  }
}

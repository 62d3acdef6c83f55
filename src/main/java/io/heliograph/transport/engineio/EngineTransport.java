package io.heliograph.transport.engineio;

import io.heliograph.session.CloseReason;
import io.heliograph.session.DuplexTransport;
import io.heliograph.session.Encoding;
import io.heliograph.session.Transport;
import io.heliograph.session.TransportInfo;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A session of Engine.IO as a transport. It lives as long as the session and writes to what carries
 * the session now: the GETs of a polling client, see {@link PollingCarrier}, or a WebSocket.
 * Without a GET a write waits for the next one.
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
  private static final ByteBuffer NO_OP = EngineFraming.packet("6");

  private static final ByteBuffer[] NOTHING = {};
  private static final int NO_PING = -1;

  /** A client that leaves more unanswered is silent, and is closed. */
  private static final int MOST_UNANSWERED = 100;

  private final EngineContext context;
  private final String remoteAddress;
  private final EngineListener listener;

  // One of the two is set, as soon as the session is open. Written under the lock.
  private volatile @Nullable DuplexTransport socket;
  private volatile @Nullable PollingCarrier polling;

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

  /** A session that begins with polling; the caller sends the client its id. */
  static EngineTransport polling(
      EngineContext context, String sid, String remoteAddress, EngineListener listener) {
    var session = new EngineTransport(context, remoteAddress, listener);
    var carrier = new PollingCarrier(session, context, sid);
    session.polling = carrier;
    context.sessions().add(sid, carrier);
    session.open();
    return session;
  }

  /**
   * A session that is to be carried by a WebSocket, from {@link #open(DuplexTransport, ByteBuffer)}
   * on.
   */
  static EngineTransport forSocket(
      EngineContext context, String remoteAddress, EngineListener listener) {
    return new EngineTransport(context, remoteAddress, listener);
  }

  /**
   * The WebSocket has opened.
   *
   * @param firstPacket the packet that opens the session, framed
   */
  void open(DuplexTransport opened, ByteBuffer firstPacket) {
    socket = opened;
    opening = firstPacket;
    open();
    flush();
  }

  private void open() {
    try {
      listener.onOpen(this);
    } catch (RuntimeException | Error e) {
      fail(e);
    }
  }

  EngineListener listener() {
    return listener;
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
      open = isOpen();
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
      if (!isOpen()) {
        return;
      }
      pingWaits = (short) number;
    }
    flush();
  }

  /** Writes what waits, if there is something that carries it and nothing is under way. */
  void flush() {
    DuplexTransport toSocket;
    Poll toPoll = null;
    ByteBuffer[] packets;
    WriteCallback done;
    synchronized (this) {
      PollingCarrier polls = polling;
      toSocket = socket;
      boolean ready = polls == null ? closing == null : polls.isPolled();
      if (busy || ended || !ready) {
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
        toPoll = polls.beginAnswer();
      }
    }
    if (toPoll != null) {
      toPoll.answer(PollPayload.of(done == null ? packets : concat(packets, done.more())), this);
    } else if (toSocket != null) {
      toSocket.write(packets, this);
    }
  }

  /** Under the lock: what leaves next, which may be nothing. */
  private ByteBuffer[] gather(@Nullable PollingCarrier polls) {
    ByteBuffer[] own = frames == null ? NOTHING : frames;
    boolean pings = pingWaits != NO_PING;
    boolean closes = polls != null && closing != null;
    boolean releases = polls != null && polls.mustNotWait() && own.length == 0 && !pings && !closes;
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
    if (closes) {
      all[count++] = CLOSE.duplicate();
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
    boolean last;
    synchronized (this) {
      if (!busy) {
        return;
      }
      busy = false;
      done = leavingDone;
      leavingDone = null;
      // A socket reports its end itself; a poll is the connection.
      last = polling != null && (failure != null || polling.endAnswer());
    }
    if (done != null) {
      done.written(failure);
    }
    if (last) {
      end(CloseReason.GONE);
    } else {
      flush();
    }
  }

  // Reading ---------------------------------------------------------------------------------------

  /** A text message of the WebSocket that carries the session. */
  void onText(String packet) {
    EnginePackets.handle(this, packet, false);
  }

  /** The number of the ping that is answered; -1 while answers to earlier ones are due as well. */
  synchronized int pong() {
    if (unanswered == 0) {
      return NO_PING;
    }
    unanswered--;
    return unanswered == 0 ? lastPing : NO_PING;
  }

  /** The client sends too much, or what it may not: what follows in the same POST is discarded. */
  void discard() {
    PollingCarrier polls = polling;
    if (polls != null) {
      polls.posts().discard();
    }
  }

  @Override
  public void pauseReading() {
    DuplexTransport carrier = socket;
    PollingCarrier polls = polling;
    if (carrier != null) {
      carrier.pauseReading();
    } else if (polls != null) {
      polls.posts().pause(true);
    }
  }

  @Override
  public void resumeReading() {
    DuplexTransport carrier = socket;
    PollingCarrier polls = polling;
    if (polls != null) {
      polls.posts().pause(false);
    }
    if (carrier != null) {
      carrier.resumeReading();
    }
  }

  // Upgrading -------------------------------------------------------------------------------------

  /**
   * Under the lock: a WebSocket carries the session from now on. What is under way leaves first.
   */
  void carriedBy(DuplexTransport newCarrier) {
    socket = newCarrier;
    polling = null;
  }

  // Closing ---------------------------------------------------------------------------------------

  @Override
  public void close(CloseReason reason) {
    if (reason == CloseReason.GONE) {
      abort();
      return;
    }
    DuplexTransport carrier;
    PollingCarrier polls;
    synchronized (this) {
      if (!isOpen()) {
        return;
      }
      closing = reason;
      carrier = socket;
      polls = polling;
    }
    if (carrier != null) {
      carrier.close(reason);
    } else if (polls != null) {
      polls.closing(reason);
      flush();
    }
  }

  boolean isOpen() {
    return closing == null && !ended;
  }

  boolean isClosing() {
    return closing != null;
  }

  boolean isOnSocket() {
    return socket != null;
  }

  boolean isEnded() {
    return ended;
  }

  @Override
  public boolean hasEnded() {
    DuplexTransport carrier = socket;
    return ended || (carrier != null && carrier.hasEnded());
  }

  /** The client closes the session in good order. */
  void clientCloses() {
    DuplexTransport carrier = socket;
    PollingCarrier polls = polling;
    if (carrier != null) {
      carrier.close(CloseReason.NORMAL);
    } else if (polls != null) {
      polls.clientCloses();
      end(CloseReason.GONE, CloseReason.NORMAL.code());
    }
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

  void end(CloseReason seen) {
    end(seen, seen.code());
  }

  /**
   * @param seen why, if this side did not close it
   */
  private void end(CloseReason seen, int code) {
    WriteCallback waiting;
    WriteCallback leaving;
    PollingCarrier polls;
    CloseReason reason;
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
      waiting = framesDone;
      leaving = leavingDone;
      polls = polling;
      frames = null;
      framesDone = null;
      leavingDone = null;
      busy = false;
      reason = closing == null ? seen : closing;
    }
    if (polls != null) {
      polls.end();
    }
    try {
      listener.onClosed(reason, reason == seen ? code : reason.code());
    } catch (RuntimeException | Error e) {
      log.error("A listener failed at the end of its session", e);
    }
    refuse(waiting);
    refuse(leaving);
  }

  private static void refuse(@Nullable WriteCallback done) {
    if (done != null) {
      done.written(new ClosedChannelException());
    }
  }

  /** Closes the session because its listener failed. */
  void fail(Throwable failure) {
    log.error("A listener failed; its session is closed", failure);
    discard();
    close(CloseReason.FAULT);
  }
}

package io.heliograph.transport.websocket;

import io.heliograph.session.CloseReason;
import io.heliograph.session.DuplexTransport;
import io.heliograph.session.Encoding;
import io.heliograph.session.ReadAhead;
import io.heliograph.session.TransportInfo;
import io.heliograph.transport.EndPointWriter;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * A WebSocket as a transport: the only writer of its endpoint, and the closing handshake. Frames
 * come encoded and leave as they are. The queue is the session's: here waits at most one write of
 * its, and one ping, pong and close, for the end of the write under way; they leave together, in
 * one flush. Nothing here blocks, and no lock is held while something outside is called.
 *
 * <p>Closing (RFC 6455, section 7): after our close frame everything that arrives is thrown away
 * until the peer's close comes; only then the output is shut, so that the peer sees our code
 * however much it had under way. After a frame that cannot be understood nothing can be waited for,
 * and the output is shut at once. The close time-out and a bound on what is thrown away cut a peer
 * that does not answer.
 */
public final class WebSocketTransport extends EndPointWriter implements DuplexTransport, ReadAhead {

  /** By number; shared by all sockets. */
  private static final ByteBuffer[] PINGS = new ByteBuffer[256];

  static {
    for (int number = 0; number < PINGS.length; number++) {
      ByteBuffer payload = ByteBuffer.wrap(new byte[] {(byte) number});
      PINGS[number] = WebSocketFraming.control(Opcode.PING, payload);
    }
  }

  private static final char NO_CLOSE = 1006;
  private static final short NO_PING = -1;

  private final WebSocketContext context;
  private final String remoteAddress;

  private @Nullable WebSocketConnection connection;
  private @Nullable Scheduler scheduler;

  // Guarded by this.

  /** The number of the ping that waits; two bytes, since each socket has one. */
  private short pingWaits = NO_PING;

  private @Nullable ByteBuffer pongWaits;
  private @Nullable ByteBuffer closeWaits;

  // Guarded by this.
  private boolean closeSent;
  private boolean peerClosed;
  private char peerCode = NO_CLOSE;
  private Scheduler.@Nullable Task deadline;

  /** Why it ends; null while it is open. Set once, under the lock of this. */
  private volatile @Nullable CloseReason closing;

  /** Written under the lock of this. */
  private volatile boolean gone;

  WebSocketTransport(WebSocketContext context, String remoteAddress) {
    this.context = context;
    this.remoteAddress = remoteAddress;
  }

  /** Before anybody else knows this socket. */
  void attach(WebSocketConnection newConnection, Scheduler newScheduler) {
    connection = newConnection;
    scheduler = newScheduler;
  }

  @Override
  public TransportInfo info() {
    return context.endpoint().info();
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

  /**
   * @param newFrames whole WebSocket frames, as {@link WebSocketFraming} makes them
   */
  @Override
  public void write(ByteBuffer[] newFrames, WriteCallback done) {
    if (newFrames.length == 0) {
      done.written(null);
      return;
    }
    boolean open;
    synchronized (this) {
      open = isOpen();
      if (open) {
        put(newFrames, done);
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

  /** Of the pings that a peer sends without reading its pongs the latest is answered. */
  void pong(ByteBuffer payload) {
    ByteBuffer pong = WebSocketFraming.control(Opcode.PONG, payload);
    synchronized (this) {
      if (!isOpen()) {
        return;
      }
      pongWaits = pong;
    }
    flush();
  }

  @Override
  protected ByteBuffer @Nullable [] next(ByteBuffer @Nullable [] messages) {
    if (gone) {
      return null;
    }
    boolean control = pingWaits != NO_PING || pongWaits != null || closeWaits != null;
    return control ? gather(messages) : messages;
  }

  private ByteBuffer[] gather(ByteBuffer @Nullable [] messages) {
    int length = messages == null ? 0 : messages.length;
    var all = new ByteBuffer[4 + length];
    int count = 0;
    if (pongWaits != null) {
      all[count++] = pongWaits;
    }
    if (pingWaits != NO_PING) {
      if (context.heartbeat().hasRemaining()) {
        all[count++] = context.heartbeat().duplicate();
      }
      all[count++] = PINGS[pingWaits].duplicate();
    }
    if (messages != null) {
      System.arraycopy(messages, 0, all, count, length);
      count += length;
    }
    if (closeWaits != null) {
      all[count++] = closeWaits;
      endsWithThis();
    }
    pongWaits = null;
    pingWaits = NO_PING;
    closeWaits = null;
    return Arrays.copyOf(all, count);
  }

  /** Our close frame was the last. */
  @Override
  protected void onLastWritten() {
    boolean shut;
    synchronized (this) {
      closeSent = true;
      shut = peerClosed || isHopeless(closing);
    }
    if (shut) {
      endPoint().shutdownOutput();
    }
  }

  @Override
  protected void onBroken() {
    lost();
  }

  @Override
  public int readAhead() {
    return readAhead(connection == null ? null : connection.getEndPoint());
  }

  // Closing ---------------------------------------------------------------------------------------

  @Override
  public void close(CloseReason reason) {
    if (reason == CloseReason.GONE) {
      abort();
      return;
    }
    synchronized (this) {
      if (!isOpen()) {
        return;
      }
      beginClosing(reason, WebSocketFraming.close(reason.code(), reason.text()));
    }
    flush();
    // Reading goes on, for the peer's answer.
    resumeReading();
  }

  /** Closes in a second, unless it closes before. */
  void closeSoon(CloseReason reason) {
    var _ = scheduler().schedule(() -> close(reason), 1, TimeUnit.SECONDS);
  }

  /**
   * The peer closes, or answers our close.
   *
   * @param code 1005 when it gave none
   */
  void peerCloses(int code) {
    boolean shut = false;
    synchronized (this) {
      if (gone || peerClosed) {
        return;
      }
      peerClosed = true;
      if (closing == null) {
        peerCode = (char) code;
        beginClosing(CloseReason.GONE, WebSocketFraming.close(code, ""));
      } else {
        shut = closeSent && !isHopeless(closing);
      }
    }
    if (shut) {
      endPoint().shutdownOutput();
    } else {
      flush();
    }
  }

  /** Under the lock. */
  private void beginClosing(CloseReason reason, ByteBuffer closeFrame) {
    closing = reason;
    closeWaits = closeFrame;
    deadline =
        scheduler()
            .schedule(
                this::closeTimedOut,
                context.endpoint().limits().closeTimeout().toMillis(),
                TimeUnit.MILLISECONDS);
  }

  /** Whether what the peer sends cannot be understood any more, its close neither. */
  private static boolean isHopeless(@Nullable CloseReason reason) {
    return reason == CloseReason.PROTOCOL_ERROR || reason == CloseReason.INVALID_TEXT;
  }

  private void closeTimedOut() {
    context.cutAfterTimeout();
    lost();
  }

  /** See {@link WebSocketLimits#maxDiscarded}. */
  long maxDiscarded() {
    return context.endpoint().limits().maxDiscarded();
  }

  void discardedTooMuch() {
    context.cutAfterTooMuch();
    lost();
  }

  @Override
  public void abort() {
    lost();
  }

  boolean isClosing() {
    return closing != null;
  }

  private boolean isOpen() {
    return closing == null && !gone;
  }

  @Override
  public boolean hasEnded() {
    return gone || !endPoint().isOpen();
  }

  /** The connection is no more, or is cut here. The first call reports it. */
  void lost() {
    Runnable failing;
    CloseReason reason;
    int code;
    synchronized (this) {
      if (gone) {
        return;
      }
      gone = true;
      if (deadline != null) {
        deadline.cancel();
        deadline = null;
      }
      failing = endWrites();
      reason = closing == null ? CloseReason.GONE : closing;
      code = reason == CloseReason.GONE ? peerCode : reason.code();
    }
    endPoint().close();
    // A turn that waits for this gives its buffer back.
    resumeReading();
    connection().frames().onClosed(reason, code);
    failing.run();
  }

  // Reading ---------------------------------------------------------------------------------------

  @Override
  public void pauseReading() {
    if (isOpen()) {
      connection().pauseReading();
    }
  }

  @Override
  public void resumeReading() {
    connection().resumeReading();
  }

  private WebSocketConnection connection() {
    if (connection == null) {
      throw new IllegalStateException("used before the upgrade");
    }
    return connection;
  }

  private Scheduler scheduler() {
    if (scheduler == null) {
      throw new IllegalStateException("used before the upgrade");
    }
    return scheduler;
  }

  @Override
  protected EndPoint endPoint() {
    return connection().getEndPoint();
  }
}

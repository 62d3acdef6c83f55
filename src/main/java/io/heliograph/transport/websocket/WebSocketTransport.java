package io.heliograph.transport.websocket;

import io.heliograph.session.CloseReason;
import io.heliograph.session.DuplexTransport;
import io.heliograph.session.Encoding;
import io.heliograph.session.ReadAhead;
import io.heliograph.session.TransportInfo;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.util.thread.Scheduler;
import org.eclipse.jetty.websocket.core.CloseStatus;
import org.eclipse.jetty.websocket.core.OpCode;
import org.jspecify.annotations.Nullable;

/**
 * The last step of a message to a browser: a WebSocket as a transport. Frames of one write leave in
 * one flush; pings, and the pongs and closes of this layer, go between whole frames. Nothing here
 * blocks, and no lock is held while something outside is called.
 */
public final class WebSocketTransport implements DuplexTransport, ReadAhead {

  /** By number; shared by all sockets. */
  private static final ByteBuffer[] PINGS = new ByteBuffer[256];

  static {
    for (int number = 0; number < PINGS.length; number++) {
      ByteBuffer payload = ByteBuffer.wrap(new byte[] {(byte) number});
      PINGS[number] = WebSocketFraming.control(OpCode.PING, payload);
    }
  }

  private static final WriteCallback NOBODY_ASKS = _ -> {};

  private final WebSocketEndpoint route;
  private final String remoteAddress;

  private @Nullable JettyWebSocketConnection line;
  private @Nullable Scheduler scheduler;

  // Written under the lock of this.
  private volatile boolean gone;
  private boolean readingPaused;

  /** A frame was handled while reading was paused: resuming must ask for the next one. */
  private boolean demandOwed;

  /** Why this line ends; null while it is open. Set once. */
  private volatile @Nullable CloseReason closing;

  private Scheduler.@Nullable Task deadline;

  WebSocketTransport(WebSocketEndpoint route, String remoteAddress) {
    this.route = route;
    this.remoteAddress = remoteAddress;
  }

  /** Before anybody else knows this socket. */
  void attach(JettyWebSocketConnection line, Scheduler scheduler) {
    this.line = line;
    this.scheduler = scheduler;
  }

  @Override
  public TransportInfo info() {
    return route.info();
  }

  @Override
  public Encoding encoding() {
    return route.encoding();
  }

  @Override
  public String remoteAddress() {
    return remoteAddress;
  }

  /**
   * @param frames whole WebSocket frames, as {@link WebSocketFraming} makes them
   */
  @Override
  public void write(ByteBuffer[] frames, WriteCallback done) {
    if (!isOpen()) {
      done.written(new ClosedChannelException());
    } else if (frames.length == 0) {
      done.written(null);
    } else {
      line().write(frames, done);
    }
  }

  @Override
  public int readAhead() {
    return line == null ? 0 : line.readAhead();
  }

  @Override
  public void ping(int number) {
    if (isOpen()) {
      line().write(new ByteBuffer[] {PINGS[number].duplicate()}, NOBODY_ASKS);
    }
  }

  void pong(ByteBuffer payload, WriteCallback done) {
    line().write(new ByteBuffer[] {WebSocketFraming.control(OpCode.PONG, payload)}, done);
  }

  @Override
  public void close(CloseReason reason) {
    if (reason == CloseReason.GONE) {
      abort();
      return;
    }
    if (!beginClosing(reason)) {
      return;
    }
    CloseStatus status = new CloseStatus(reason.code(), reason.text());
    line()
        .writeClose(WebSocketFraming.control(OpCode.CLOSE, status.asPayloadBuffer()), NOBODY_ASKS);
    // Reading goes on, for the peer's answer; what else comes is thrown away.
    resumeReading();
  }

  /** The peer closes; Jetty answers with the same code. */
  void peerCloses() {
    beginClosing(CloseReason.GONE);
  }

  private boolean beginClosing(CloseReason reason) {
    synchronized (this) {
      if (!isOpen()) {
        return false;
      }
      closing = reason;
      deadline =
          scheduler()
              .schedule(
                  this::abort, route.limits().closeTimeout().toMillis(), TimeUnit.MILLISECONDS);
    }
    return true;
  }

  @Override
  public void abort() {
    session().abort();
  }

  @Override
  public synchronized void pauseReading() {
    readingPaused = closing == null;
  }

  @Override
  public void resumeReading() {
    synchronized (this) {
      readingPaused = false;
      if (!demandOwed) {
        return;
      }
      demandOwed = false;
    }
    session().demand();
  }

  /** After each frame: one more, unless the listener has paused. */
  void readOn() {
    synchronized (this) {
      if (readingPaused) {
        demandOwed = true;
        return;
      }
    }
    session().demand();
  }

  boolean isClosing() {
    return closing != null;
  }

  /** One that closes at this moment may still be written to: the line lets nothing past a close. */
  private boolean isOpen() {
    return closing == null && !gone;
  }

  /** The line is no more; the first call learns why. */
  synchronized @Nullable CloseReason ended() {
    if (gone) {
      return null;
    }
    gone = true;
    if (deadline != null) {
      deadline.cancel();
      deadline = null;
    }
    return closing == null ? CloseReason.GONE : closing;
  }

  private JettyWebSocketConnection line() {
    if (line == null) {
      throw new IllegalStateException("used before the upgrade");
    }
    return line;
  }

  private JettyCoreSession session() {
    return line().session();
  }

  private Scheduler scheduler() {
    if (scheduler == null) {
      throw new IllegalStateException("used before the upgrade");
    }
    return scheduler;
  }
}

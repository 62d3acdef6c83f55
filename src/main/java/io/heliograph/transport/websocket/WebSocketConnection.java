package io.heliograph.transport.websocket;

import io.heliograph.transport.websocket.FrameParser.ProtocolException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.concurrent.Executor;
import org.eclipse.jetty.io.AbstractConnection;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.RetainableByteBuffer;
import org.eclipse.jetty.util.BufferUtil;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The reading side of a WebSocket on Jetty's endpoint; {@link WebSocketTransport} writes.
 *
 * <p>It reads in turns, on {@link io.heliograph.server.ReadExecutor}'s threads. A turn is bounded
 * in frames and bytes, and what is left waits behind the other connections' turns: otherwise a
 * client that sends without end would keep a thread for itself, and there is one a core. There is
 * one turn of a connection at a time; between turns the connection either waits for bytes, or for
 * {@link #resumeReading}.
 */
final class WebSocketConnection extends AbstractConnection
    implements Connection.UpgradeTo, Runnable {

  private static final Logger log = LoggerFactory.getLogger(WebSocketConnection.class);

  /** About a hundred microseconds of work, a few times what handing over a turn costs. */
  private static final int TURN_FRAMES = 64;

  private static final int TURN_BYTES = 64 * 1024;
  private static final int BUFFER_BYTES = 4 * 1024;

  private final Executor reads;
  private final ByteBufferPool buffers;
  private final WebSocketTransport transport;
  private final WebSocketFrameHandler frames;
  private final FrameParser parser;
  private final Callback readable = new BytesArrived();

  /** What was read and not parsed yet; null while nothing is. Used by the turn. */
  private @Nullable RetainableByteBuffer input;

  /** Bytes that were thrown away. Used by the turn. */
  private long discarded;

  /** Written under the lock of this. */
  private volatile boolean paused;

  /** A turn found that reading is paused; the call that resumes begins the next one. */
  private boolean turnOwed;

  WebSocketConnection(
      EndPoint endPoint,
      Executor reads,
      ByteBufferPool buffers,
      WebSocketTransport transport,
      WebSocketFrameHandler frames) {
    super(endPoint, reads);
    this.reads = reads;
    this.buffers = buffers;
    this.transport = transport;
    this.frames = frames;
    this.parser = new FrameParser(frames);
  }

  WebSocketFrameHandler frames() {
    return frames;
  }

  /** What came behind the request's head, in the same segment. */
  @Override
  public void onUpgradeTo(ByteBuffer behind) {
    RetainableByteBuffer copy = buffers.acquire(Math.max(BUFFER_BYTES, behind.remaining()), false);
    BufferUtil.append(copy.getByteBuffer(), behind);
    input = copy;
  }

  @Override
  public void onOpen() {
    super.onOpen();
    frames.onOpen();
    if (!getEndPoint().isOpen()) {
      // It ended before Jetty knew that it is ours, and will not report it.
      transport.lost();
    } else if (input != null) {
      reads.execute(this);
    } else {
      fillInterested(readable);
    }
  }

  private final class BytesArrived implements Callback {

    @Override
    public void succeeded() {
      reads.execute(WebSocketConnection.this);
    }

    @Override
    public void failed(Throwable failure) {
      transport.lost();
    }

    @Override
    public InvocationType getInvocationType() {
      return InvocationType.NON_BLOCKING;
    }
  }

  @Override
  public void onFillable() {
    reads.execute(this);
  }

  @Override
  public void onClose(@Nullable Throwable cause) {
    super.onClose(cause);
    transport.lost();
  }

  // Turns -----------------------------------------------------------------------------------------

  private enum After {
    /** The next turn waits its turn. */
    MORE,
    /** Until bytes come. */
    WAIT,
    /** Until reading is resumed. */
    PAUSE,
    /** Nothing more comes. */
    END
  }

  @Override
  public void run() {
    After after;
    try {
      after = turn();
    } catch (IOException e) {
      after = After.END;
    } catch (RuntimeException | Error e) {
      log.error("Reading from a socket failed; it is cut", e);
      after = After.END;
    }
    if (after == After.END || (input != null && !input.hasRemaining())) {
      release();
    }
    switch (after) {
      case MORE -> reads.execute(this);
      case WAIT -> fillInterested(readable);
      case PAUSE -> park();
      case END -> transport.lost();
    }
  }

  private After turn() throws IOException {
    int framesLeft = TURN_FRAMES;
    int bytesLeft = TURN_BYTES;
    while (true) {
      if (transport.hasEnded()) {
        return After.END;
      }
      ByteBuffer bytes = input();
      while (bytes.hasRemaining()) {
        if (paused) {
          return After.PAUSE;
        }
        if (parse(bytes) && --framesLeft == 0) {
          return After.MORE;
        }
      }
      if (paused) {
        return After.PAUSE;
      }
      if (bytesLeft <= 0) {
        return After.MORE;
      }
      BufferUtil.clear(bytes);
      int filled = getEndPoint().fill(bytes);
      if (filled < 0) {
        return After.END;
      }
      if (filled == 0) {
        return After.WAIT;
      }
      bytesLeft -= filled;
      if (frames.isDiscarding()) {
        discarded += filled;
        if (discarded > transport.maxDiscarded()) {
          if (!frames.refuseNow()) {
            transport.discardedTooMuch();
            return After.END;
          }
          discarded = 0;
        }
      }
    }
  }

  private boolean parse(ByteBuffer bytes) {
    try {
      return parser.parse(bytes);
    } catch (ProtocolException e) {
      frames.onProtocolError(e);
      return true;
    }
  }

  private ByteBuffer input() {
    RetainableByteBuffer buffer = input;
    if (buffer == null) {
      buffer = buffers.acquire(BUFFER_BYTES, false);
      input = buffer;
    }
    return buffer.getByteBuffer();
  }

  private void release() {
    if (input != null) {
      input.release();
      input = null;
    }
  }

  // Pausing ---------------------------------------------------------------------------------------

  /** Ends a turn, since the call that resumes begins the next one. */
  private void park() {
    synchronized (this) {
      if (paused) {
        turnOwed = true;
        return;
      }
    }
    reads.execute(this);
  }

  void pauseReading() {
    synchronized (this) {
      paused = true;
    }
  }

  void resumeReading() {
    synchronized (this) {
      paused = false;
      if (!turnOwed) {
        return;
      }
      turnOwed = false;
    }
    reads.execute(this);
  }
}

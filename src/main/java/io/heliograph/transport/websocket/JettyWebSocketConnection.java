package io.heliograph.transport.websocket;

import io.heliograph.server.ReadExecutor;
import io.heliograph.session.ReadAhead;
import io.heliograph.session.Transport.WriteCallback;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.io.ByteBufferPool;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;
import org.eclipse.jetty.websocket.core.Frame;
import org.eclipse.jetty.websocket.core.OpCode;
import org.eclipse.jetty.websocket.core.OutgoingEntry;
import org.eclipse.jetty.websocket.core.WebSocketConnection;
import org.jspecify.annotations.Nullable;

/**
 * Jetty's connection with a writer of its own, the last thing before the network. Frames come as
 * bytes, encoded once for many, and go to the endpoint as they are; Jetty's flusher would build a
 * header and a dozen objects for each copy. Jetty's own frames (its answer to a close) take the
 * same way, so that there is one writer: an endpoint takes one write at a time, and what comes
 * meanwhile leaves together in the next one.
 *
 * <p>Nothing follows a close frame: when it has left, the output is shut (RFC 6455 section 7.1.1).
 */
final class JettyWebSocketConnection extends WebSocketConnection {

  /** Whole frames that leave together. */
  private static final class Outgoing {
    private final ByteBuffer[] frames;
    private final WriteCallback done;
    private final boolean close;
    private @Nullable Outgoing next;
    private @Nullable Throwable failure;

    Outgoing(ByteBuffer[] frames, WriteCallback done, boolean close) {
      this.frames = frames;
      this.done = done;
      this.close = close;
    }
  }

  private final Callback completion = new Completion();
  private final Callback readable = new BytesCame();
  private final JettyCoreSession session;

  // Guarded by this; Jetty's part has a lock of its own.
  private @Nullable Outgoing inFlight;
  private @Nullable Outgoing firstWaiting;
  private @Nullable Outgoing lastWaiting;
  private boolean outputClosed;

  JettyWebSocketConnection(
      EndPoint endPoint,
      ReadExecutor reads,
      Scheduler scheduler,
      ByteBufferPool buffers,
      JettyCoreSession session) {
    super(endPoint, reads, scheduler, buffers, session);
    this.session = session;
  }

  JettyCoreSession session() {
    return session;
  }

  /** As Jetty does it, but on the threads for reading and not on a new one of its own. */
  @Override
  public void fillInterested() {
    fillInterested(readable);
  }

  private final class BytesCame implements Callback {

    @Override
    public void succeeded() {
      getExecutor().execute(JettyWebSocketConnection.this);
    }

    @Override
    public void failed(Throwable failure) {
      onFillInterestedFailed(failure);
    }

    @Override
    public InvocationType getInvocationType() {
      return InvocationType.NON_BLOCKING;
    }
  }

  /** See {@link ReadAhead}; of the endpoint and its channel what a write looks at. */
  int readAhead() {
    int read = inFlight == null ? 1 : 0;
    if (getEndPoint() instanceof SocketChannelEndPoint endPoint) {
      SocketChannel channel = endPoint.getChannel();
      read += (int) endPoint.getIdleTimeout();
      read += channel.isOpen() ? 1 : 0;
      read += channel.isConnected() ? 1 : 0;
    }
    return read;
  }

  /**
   * Sends whole frames after all that was given before.
   *
   * @param frames views that this call may consume
   * @param done called once, on any thread, maybe before this returns
   */
  void write(ByteBuffer[] frames, WriteCallback done) {
    send(new Outgoing(frames, done, false));
  }

  /** As {@link #write}, and nothing after it. */
  void writeClose(ByteBuffer frame, WriteCallback done) {
    send(new Outgoing(new ByteBuffer[] {frame}, done, true));
  }

  @Override
  public void enqueueFrame(OutgoingEntry entry) {
    Frame frame = entry.getFrame();
    ByteBuffer payload = frame.getPayload() == null ? ByteBuffer.allocate(0) : frame.getPayload();
    Callback callback = entry.getCallback();
    send(
        new Outgoing(
            new ByteBuffer[] {WebSocketFraming.control(frame.getOpCode(), payload)},
            failure -> {
              if (failure == null) {
                callback.succeeded();
              } else {
                callback.failed(failure);
              }
            },
            frame.getOpCode() == OpCode.CLOSE));
  }

  private void send(Outgoing outgoing) {
    synchronized (this) {
      if (!outputClosed) {
        outputClosed = outgoing.close;
        if (inFlight != null) {
          if (lastWaiting == null) {
            firstWaiting = outgoing;
          } else {
            lastWaiting.next = outgoing;
          }
          lastWaiting = outgoing;
          return;
        }
        inFlight = outgoing;
      } else {
        outgoing.failure = new ClosedChannelException();
      }
    }
    if (outgoing.failure == null) {
      flush(outgoing);
    } else {
      outgoing.done.written(outgoing.failure);
    }
  }

  /** In a loop and not by recursion, where writes complete at once. */
  private void flush(@Nullable Outgoing first) {
    Outgoing current = first;
    while (current != null) {
      ByteBuffer[] buffers = buffers(current);
      try {
        if (!flush(getEndPoint(), buffers)) {
          // The network is full: the endpoint goes on with the rest when there is room, and tells.
          getEndPoint().write(completion, buffers);
          return;
        }
      } catch (IOException e) {
        current.failure = e;
      }
      current = finish(current);
    }
  }

  /**
   * True when all has left. A plain socket takes a single frame, which most writes are, with the
   * system's simpler call; endpoints always gather.
   */
  private static boolean flush(EndPoint endPoint, ByteBuffer[] buffers) throws IOException {
    if (buffers.length == 1 && endPoint instanceof SocketChannelEndPoint plain) {
      plain.getChannel().write(buffers[0]);
      return !buffers[0].hasRemaining();
    }
    return endPoint.flush(buffers);
  }

  private static ByteBuffer[] buffers(Outgoing first) {
    if (first.next == null) {
      return first.frames;
    }
    int count = 0;
    for (Outgoing each = first; each != null; each = each.next) {
      count += each.frames.length;
    }
    var buffers = new ByteBuffer[count];
    int i = 0;
    for (Outgoing each = first; each != null; each = each.next) {
      for (ByteBuffer frame : each.frames) {
        buffers[i++] = frame;
      }
    }
    return buffers;
  }

  private final class Completion implements Callback {

    @Override
    public void succeeded() {
      completed(null);
    }

    @Override
    public void failed(Throwable failure) {
      completed(failure);
    }

    @Override
    public InvocationType getInvocationType() {
      return InvocationType.NON_BLOCKING;
    }
  }

  private void completed(@Nullable Throwable failure) {
    Outgoing completed;
    synchronized (this) {
      completed = inFlight;
    }
    if (completed != null) {
      completed.failure = failure;
      flush(finish(completed));
    }
  }

  /** Tells of what has left or never will; answers what is to be written next. */
  private @Nullable Outgoing finish(Outgoing completed) {
    Throwable failure = completed.failure;
    Outgoing next;
    synchronized (this) {
      next = firstWaiting;
      firstWaiting = null;
      lastWaiting = null;
      if (failure != null) {
        outputClosed = true;
        inFlight = null;
      } else {
        inFlight = next;
      }
    }
    if (failure != null) {
      session.processConnectionError(failure, Callback.NOOP);
      report(completed, failure);
      report(next, failure);
      return null;
    }
    report(completed, null);
    return next;
  }

  private void report(@Nullable Outgoing first, @Nullable Throwable failure) {
    for (Outgoing each = first; each != null; each = each.next) {
      if (each.close && failure == null) {
        getEndPoint().shutdownOutput();
      }
      each.done.written(failure);
    }
  }
}

package io.heliograph.transport;

import io.heliograph.session.Transport.WriteCallback;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SocketChannel;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.SocketChannelEndPoint;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * What is the only writer of an endpoint. One write is under way at a time; for its end waits at
 * most one more, and what the subclass adds of its own, and they leave together, in one flush.
 * Queues are the caller's. Nothing here blocks, and the monitor, which guards this state and the
 * subclass's, is not held while something outside is called.
 *
 * <p>A superclass and no object of its own, since there may be a million.
 */
public abstract class EndPointWriter {

  // Guarded by this. What is being written, null while nothing is; and what waits for its end.
  private ByteBuffer @Nullable [] writing;
  private @Nullable WriteCallback writingDone;
  private boolean writingLast;
  private ByteBuffer @Nullable [] waiting;
  private @Nullable WriteCallback waitingDone;

  protected EndPointWriter() {}

  protected abstract EndPoint endPoint();

  /**
   * Answers what leaves next. Called under the monitor, while nothing is being written.
   *
   * @param frames the write that waits, which has to be in the answer; null: none
   * @return null: there is nothing to write, or nothing may be written any more
   */
  protected abstract ByteBuffer @Nullable [] next(ByteBuffer @Nullable [] frames);

  /** What {@link #endsWithThis} was said of has left. */
  protected abstract void onLastWritten();

  /** Writing failed: the connection is broken. */
  protected abstract void onBroken();

  /** Under the monitor: a write of the caller's, for {@link #flush}. */
  protected final void put(ByteBuffer[] frames, WriteCallback done) {
    if (waiting != null || writingDone != null) {
      throw new IllegalStateException("a second write while one is under way");
    }
    waiting = frames;
    waitingDone = done;
  }

  /** Within {@link #next}: after its answer nothing is written. */
  protected final void endsWithThis() {
    writingLast = true;
  }

  /** In a loop and not by recursion, where writes complete at once. */
  protected final void flush() {
    EndPoint endPoint = endPoint();
    ByteBuffer[] next = begin();
    while (next != null) {
      try {
        if (!flush(endPoint, next)) {
          // The network is full: the endpoint goes on with the rest when there is room, and tells.
          endPoint.write(new Completion(), next);
          return;
        }
      } catch (IOException | RuntimeException e) {
        onBroken();
        return;
      }
      written();
      next = begin();
    }
  }

  /**
   * True when all has left. A plain socket takes a single buffer, which most writes are, with the
   * system's simpler call; endpoints always gather.
   */
  private static boolean flush(EndPoint endPoint, ByteBuffer[] buffers) throws IOException {
    if (buffers.length == 1 && endPoint instanceof SocketChannelEndPoint plain) {
      plain.getChannel().write(buffers[0]);
      return !buffers[0].hasRemaining();
    }
    return endPoint.flush(buffers);
  }

  private synchronized ByteBuffer @Nullable [] begin() {
    ByteBuffer[] next = writing == null ? next(waiting) : null;
    if (next != null) {
      writing = next;
      writingDone = waitingDone;
      waiting = null;
      waitingDone = null;
    }
    return next;
  }

  private void written() {
    WriteCallback done;
    boolean last;
    synchronized (this) {
      done = writingDone;
      last = writingLast;
      writing = null;
      writingDone = null;
      writingLast = false;
    }
    if (done != null) {
      done.written(null);
    }
    if (last) {
      onLastWritten();
    }
  }

  private final class Completion implements Callback {

    @Override
    public void succeeded() {
      written();
      flush();
    }

    @Override
    public void failed(Throwable failure) {
      onBroken();
    }

    @Override
    public InvocationType getInvocationType() {
      return InvocationType.NON_BLOCKING;
    }
  }

  /**
   * Under the monitor: nothing is written any more.
   *
   * @return fails the writes that have not left; to be run without the monitor
   */
  protected final Runnable endWrites() {
    WriteCallback first = writingDone;
    WriteCallback second = waitingDone;
    writing = null;
    writingDone = null;
    waiting = null;
    waitingDone = null;
    return () -> {
      fail(first);
      fail(second);
    };
  }

  private static void fail(@Nullable WriteCallback done) {
    if (done != null) {
      done.written(new ClosedChannelException());
    }
  }

  /** Touches what a write will need; see {@link io.heliograph.session.ReadAhead}. */
  protected final int readAhead(@Nullable EndPoint endPoint) {
    int read = writing == null ? 1 : 0;
    if (!(endPoint instanceof SocketChannelEndPoint plain)) {
      return read;
    }
    SocketChannel channel = plain.getChannel();
    return read
        + (int) plain.getIdleTimeout()
        + (channel.isOpen() ? 1 : 0)
        + (channel.isConnected() ? 1 : 0);
  }
}

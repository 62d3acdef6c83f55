package io.heliograph.transport.http;

import io.heliograph.session.Framing;
import io.heliograph.session.Transport.WriteCallback;
import io.heliograph.transport.EndPointWriter;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.Arrays;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A response that lasts, on a connection of its own, and the only writer of that connection. What
 * waits here is at most one write, one notice and the end; they leave together, in one flush, when
 * the write under way has ended. Queues and limits are the caller's. Nothing here blocks, and no
 * lock is held while something outside is called.
 *
 * <p>It ends with the last chunk, or for HTTP/1.0 with the connection; a client that does not close
 * then, or does not take the rest, is cut after {@value #LINGER_SECONDS} seconds. A client that
 * ends its side, even half of it, has left.
 */
public final class ResponseStream extends EndPointWriter {

  private static final Logger log = LoggerFactory.getLogger(ResponseStream.class);

  private static final long LINGER_SECONDS = 5;

  private static final ByteBuffer[] NOTHING = {};

  private final boolean chunked;
  private final Scheduler scheduler;
  private final StreamListener listener;
  private @Nullable EndPoint endPoint;

  // Guarded by this.
  private @Nullable ByteBuffer noticeWaits;
  private boolean endWaits;

  // Guarded by this.
  private boolean ending;
  private boolean opened;
  private boolean reported;
  private Scheduler.@Nullable Task deadline;

  /** Written under the lock of this. */
  private volatile boolean gone;

  private volatile boolean leftInGoodOrder;

  ResponseStream(boolean chunked, Scheduler scheduler, StreamListener listener) {
    this.chunked = chunked;
    this.scheduler = scheduler;
    this.listener = listener;
  }

  /** Before anybody else knows this stream. */
  void attach(EndPoint newEndPoint) {
    endPoint = newEndPoint;
  }

  /** How frames have to be framed for this client. */
  public Framing framing() {
    return chunked ? ChunkedFraming.CHUNKED : Framing.NONE;
  }

  /** Whether the client reads chunks, as HTTP/1.1 does. */
  public boolean isChunked() {
    return chunked;
  }

  void opened() {
    synchronized (this) {
      if (gone) {
        return;
      }
      opened = true;
    }
    try {
      listener.onOpen(this);
    } catch (RuntimeException | Error e) {
      log.error("A stream could not begin; it is cut", e);
      abort();
    }
  }

  // Writing ---------------------------------------------------------------------------------------

  /**
   * Sends frames in order in one flush. There is one write at a time.
   *
   * @param frames in the stream's {@link #framing}; consumed as their bytes leave
   * @param done called once, on any thread, maybe before this method returns
   */
  public void write(ByteBuffer[] frames, WriteCallback done) {
    boolean open;
    synchronized (this) {
      open = !ending && !gone;
      if (open) {
        put(frames, done);
      }
    }
    if (open) {
      flush();
    } else {
      done.written(new ClosedChannelException());
    }
  }

  /**
   * Sends a frame that may overtake a write which waits, such as a heartbeat. Of several that wait
   * the last is sent.
   */
  public void send(ByteBuffer notice) {
    synchronized (this) {
      if (ending || gone) {
        return;
      }
      noticeWaits = notice.duplicate();
    }
    flush();
  }

  /** Ends the response in good order, after what is being written. Later calls change nothing. */
  public void end() {
    synchronized (this) {
      if (ending || gone) {
        return;
      }
      ending = true;
      endWaits = true;
      deadline = scheduler.schedule(this::abort, LINGER_SECONDS, TimeUnit.SECONDS);
    }
    flush();
  }

  @Override
  protected ByteBuffer @Nullable [] next(ByteBuffer @Nullable [] frames) {
    if (gone) {
      return null;
    }
    return noticeWaits == null && !endWaits ? frames : gather(frames == null ? NOTHING : frames);
  }

  private ByteBuffer[] gather(ByteBuffer[] frames) {
    var all = new ByteBuffer[frames.length + 2];
    int count = 0;
    if (noticeWaits != null) {
      all[count++] = noticeWaits;
      noticeWaits = null;
    }
    System.arraycopy(frames, 0, all, count, frames.length);
    count += frames.length;
    if (endWaits) {
      endWaits = false;
      endsWithThis();
      if (chunked) {
        all[count++] = ChunkedFraming.LAST.duplicate();
      }
    }
    return Arrays.copyOf(all, count);
  }

  @Override
  protected void onLastWritten() {
    endPoint().shutdownOutput();
    report(true);
  }

  @Override
  protected void onBroken() {
    abort();
  }

  /** See {@code io.heliograph.session.ReadAhead}. */
  public int readAhead() {
    return readAhead(endPoint);
  }

  /** Runs a task that does not block, unless it is cancelled before. */
  public Scheduler.Task schedule(Runnable task, Duration delay) {
    return scheduler.schedule(task, delay.toMillis(), TimeUnit.MILLISECONDS);
  }

  // The end ---------------------------------------------------------------------------------------

  /** Whether the connection has ended, as far as can be seen without writing to it. */
  public boolean hasEnded() {
    return gone || !endPoint().isOpen();
  }

  /** The client has ended its side: it has nothing to say, so it does not listen any more. */
  void clientLeft() {
    leftInGoodOrder = true;
    abort();
  }

  /** Whether the client ended the connection in good order, as far as HTTP lets it. */
  public boolean wasLeftInGoodOrder() {
    return leftInGoodOrder;
  }

  /** Cuts the connection at once; the client sees that the response is not complete. */
  public void abort() {
    Runnable failing;
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
    }
    endPoint().close();
    report(false);
    failing.run();
  }

  private void report(boolean complete) {
    synchronized (this) {
      if (reported || !opened) {
        return;
      }
      reported = true;
    }
    listener.onEnd(complete);
  }

  @Override
  protected EndPoint endPoint() {
    return Objects.requireNonNull(endPoint, "used before the connection was taken over");
  }
}

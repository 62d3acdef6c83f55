package io.heliograph.transport.http;

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
 * The reading side of a {@link ResponseStream} on Jetty's endpoint. A client has nothing to say
 * during a response, so all that is looked for is its end: what arrives is thrown away, and more
 * than {@value #MAX_DISCARDED} bytes end the connection.
 */
final class StreamConnection extends AbstractConnection implements Connection.UpgradeTo, Runnable {

  private static final Logger log = LoggerFactory.getLogger(StreamConnection.class);

  /** A pipelined request or a stray line end is passed over; who sends more is no HTTP client. */
  private static final int MAX_DISCARDED = 1024;

  private final Executor reads;
  private final ByteBufferPool buffers;
  private final ResponseStream stream;
  private final Callback readable = new BytesArrived();

  /** Used by one read at a time. */
  private int discarded;

  StreamConnection(
      EndPoint endPoint, Executor reads, ByteBufferPool buffers, ResponseStream stream) {
    super(endPoint, reads);
    this.reads = reads;
    this.buffers = buffers;
    this.stream = stream;
  }

  /** What came behind the request's head, in the same segment. */
  @Override
  public void onUpgradeTo(ByteBuffer behind) {
    discarded = behind.remaining();
    behind.position(behind.limit());
  }

  @Override
  public void onOpen() {
    super.onOpen();
    stream.opened();
    if (!getEndPoint().isOpen()) {
      // It ended before Jetty knew that it is ours, and will not report it.
      stream.abort();
    } else {
      reads.execute(this);
    }
  }

  private final class BytesArrived implements Callback {

    @Override
    public void succeeded() {
      reads.execute(StreamConnection.this);
    }

    @Override
    public void failed(Throwable failure) {
      stream.abort();
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
    stream.abort();
  }

  @Override
  public void run() {
    Found found;
    try {
      found = discard();
    } catch (IOException e) {
      found = Found.FAULT;
    } catch (RuntimeException | Error e) {
      log.error("Reading from a connection failed; it is cut", e);
      found = Found.FAULT;
    }
    switch (found) {
      case NOTHING -> fillInterested(readable);
      case END -> stream.clientLeft();
      case FAULT -> stream.abort();
    }
  }

  private enum Found {
    NOTHING,
    END,
    /** The connection broke, or brings what no client sends. */
    FAULT
  }

  private Found discard() throws IOException {
    RetainableByteBuffer buffer = buffers.acquire(MAX_DISCARDED, false);
    try {
      ByteBuffer bytes = buffer.getByteBuffer();
      while (discarded <= MAX_DISCARDED) {
        BufferUtil.clear(bytes);
        int filled = getEndPoint().fill(bytes);
        if (filled <= 0) {
          return filled == 0 ? Found.NOTHING : Found.END;
        }
        discarded += filled;
      }
      return Found.FAULT;
    } finally {
      buffer.release();
    }
  }
}

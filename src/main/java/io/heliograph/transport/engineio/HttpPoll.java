package io.heliograph.transport.engineio;

import io.heliograph.session.Transport.WriteCallback;
import io.heliograph.transport.http.ResponseStream;
import io.heliograph.transport.http.StreamListener;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import org.jspecify.annotations.Nullable;

/**
 * A GET over HTTP. What can be answered at once is an ordinary response; one that waits has its
 * connection taken over, and is a stream of a single chunk.
 */
final class HttpPoll implements Poll, StreamListener {

  private final PollingCarrier session;

  // Guarded by this.
  private @Nullable ByteBuffer body;
  private @Nullable WriteCallback bodyDone;
  private @Nullable ResponseStream stream;
  private @Nullable ByteBuffer leaving;
  private boolean ordinary;
  private boolean aborted;

  HttpPoll(PollingCarrier session) {
    this.session = session;
  }

  @Override
  public void answer(ByteBuffer newBody, WriteCallback done) {
    ResponseStream to;
    boolean cut;
    synchronized (this) {
      to = stream;
      cut = aborted;
      if (to == null && !cut) {
        body = newBody;
        bodyDone = done;
      }
    }
    if (cut) {
      done.written(new ClosedChannelException());
    } else if (to != null) {
      write(to, newBody, done);
    }
  }

  /** The answer that can leave as an ordinary response; null: there is none, the poll waits. */
  synchronized @Nullable ByteBuffer answerAtOnce() {
    ordinary = body != null;
    return body;
  }

  /** The ordinary response has left, or did not. */
  void answered(@Nullable Throwable failure) {
    WriteCallback done;
    synchronized (this) {
      done = bodyDone;
      bodyDone = null;
    }
    if (done != null) {
      done.written(failure);
    }
  }

  @Override
  public void onOpen(ResponseStream opened) {
    ByteBuffer first;
    WriteCallback done;
    boolean cut;
    synchronized (this) {
      stream = opened;
      first = body;
      done = bodyDone;
      body = null;
      bodyDone = null;
      cut = aborted;
    }
    if (cut) {
      opened.abort();
    }
    if (first != null && done != null) {
      write(opened, first, done);
    }
  }

  private void write(ResponseStream to, ByteBuffer whole, WriteCallback done) {
    ByteBuffer chunk = to.framing().frame(whole).duplicate();
    synchronized (this) {
      leaving = chunk;
    }
    to.write(new ByteBuffer[] {chunk}, done);
    to.end();
  }

  @Override
  public void onEnd(boolean complete) {
    if (!complete) {
      session.lost(this);
    }
  }

  /**
   * An ordinary response is watched by the server. A connection that broke while it was taken over
   * is not reported: nothing of its answer ever leaves.
   */
  @Override
  public synchronized int unsent() {
    if (ordinary) {
      return -1;
    }
    return leaving == null ? 0 : leaving.remaining();
  }

  @Override
  public void abort() {
    ResponseStream open;
    synchronized (this) {
      aborted = true;
      open = stream;
    }
    if (open != null) {
      open.abort();
    }
  }
}

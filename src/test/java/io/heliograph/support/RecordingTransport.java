package io.heliograph.support;

import io.heliograph.session.CloseReason;
import io.heliograph.session.Codec;
import io.heliograph.session.Encoding;
import io.heliograph.session.Framing;
import io.heliograph.session.Liveness;
import io.heliograph.session.Transport;
import io.heliograph.session.TransportInfo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A line that keeps what it was given and completes writes when a test says so: at once, by {@link
 * #complete()}, or with a failure. It insists that there is one write at a time.
 */
public final class RecordingTransport implements Transport {

  /** What becomes of a write. */
  public enum Mode {
    AT_ONCE,
    LATER,
    FAILING
  }

  private final String address;
  private final List<List<String>> flushes = new ArrayList<>();
  private volatile Mode mode = Mode.AT_ONCE;
  private @Nullable WriteCallback pending;
  private volatile Encoding encoding = TextProtocol.ENCODING;
  private ByteBuffer[] unsent = {};
  private int pings;
  private int lastPing = -1;
  private TransportInfo info = new TransportInfo("recording", "text", Liveness.PING, false);
  private @Nullable CloseReason closed;
  private boolean aborted;
  private boolean ended;

  public RecordingTransport() {
    this("192.0.2.1");
  }

  public RecordingTransport(String address) {
    this.address = address;
  }

  public RecordingTransport mode(Mode newMode) {
    mode = newMode;
    return this;
  }

  public RecordingTransport liveness(Liveness liveness) {
    info = new TransportInfo(info.kind(), info.protocol(), liveness, info.detachable());
    return this;
  }

  /** Encodes with another codec from now on. */
  public RecordingTransport codec(Codec newCodec) {
    encoding = new Encoding(newCodec, Framing.NONE);
    return this;
  }

  /** So many bytes of the write under way leave. */
  public synchronized void takes(int bytes) {
    int left = bytes;
    for (ByteBuffer frame : unsent) {
      int size = Math.min(left, frame.remaining());
      frame.position(frame.position() + size);
      left -= size;
    }
  }

  /** Ends the write under way well; false when there is none. */
  public boolean complete() {
    return end(null);
  }

  /** Ends one write after the other, until none is under way. */
  public void completeAll() {
    while (end(null)) {
      Thread.onSpinWait();
    }
  }

  public boolean fail() {
    return end(new IOException("the connection broke"));
  }

  private boolean end(@Nullable Throwable failure) {
    WriteCallback done;
    synchronized (this) {
      done = pending;
      pending = null;
    }
    if (done == null) {
      return false;
    }
    done.written(failure);
    return true;
  }

  /** Every frame that was written, in order. */
  public synchronized List<String> frames() {
    return flushes.stream().flatMap(List::stream).toList();
  }

  /** The frames of each write. */
  public synchronized List<List<String>> flushes() {
    return List.copyOf(flushes);
  }

  /** Of those that completed: what a client can have read. */
  public synchronized List<String> received() {
    int complete = pending == null ? flushes.size() : flushes.size() - 1;
    return flushes.subList(0, complete).stream().flatMap(List::stream).toList();
  }

  public synchronized int pings() {
    return pings;
  }

  /** The number of the last ping. */
  public synchronized int lastPing() {
    return lastPing;
  }

  public synchronized @Nullable CloseReason closed() {
    return closed;
  }

  public synchronized boolean aborted() {
    return aborted;
  }

  @Override
  public TransportInfo info() {
    return info;
  }

  @Override
  public Encoding encoding() {
    return encoding;
  }

  @Override
  public String remoteAddress() {
    return address;
  }

  @Override
  public void write(ByteBuffer[] frames, WriteCallback done) {
    List<String> lines = new ArrayList<>(frames.length);
    for (ByteBuffer frame : frames) {
      lines.add(StandardCharsets.UTF_8.decode(frame.duplicate()).toString());
    }
    Mode now = mode;
    synchronized (this) {
      if (pending != null) {
        throw new AssertionError("a second write while one is under way");
      }
      if (closed != null) {
        throw new AssertionError("a write after the close: " + lines);
      }
      flushes.add(lines);
      if (now == Mode.LATER) {
        pending = done;
        unsent = frames;
      }
    }
    switch (now) {
      case AT_ONCE -> done.written(null);
      case FAILING -> done.written(new IOException("the connection broke"));
      case LATER -> {}
    }
  }

  @Override
  public synchronized void ping(int number) {
    pings++;
    lastPing = number;
  }

  @Override
  public synchronized void close(CloseReason reason) {
    if (closed == null) {
      closed = reason;
    }
  }

  /** The connection has ended, and its end was not reported. */
  public synchronized void endsUnnoticed() {
    ended = true;
  }

  @Override
  public synchronized boolean hasEnded() {
    return ended;
  }

  @Override
  public synchronized void abort() {
    aborted = true;
  }
}

package io.heliograph.bench.million;

import io.heliograph.session.CloseReason;
import io.heliograph.session.Encoding;
import io.heliograph.session.Liveness;
import io.heliograph.session.Session;
import io.heliograph.session.Transport;
import io.heliograph.session.TransportInfo;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A line that takes everything at once and answers each ping at once, and is as small as can be.
 */
public final class SimulatedBrowser implements Transport {

  /** What all lines of a node share. */
  static final class Lines {
    private final Encoding encoding;
    private final LongAdder writes = new LongAdder();
    private final LongAdder pings = new LongAdder();

    Lines(Encoding encoding) {
      this.encoding = encoding;
    }

    long writes() {
      return writes.sum();
    }

    long pings() {
      return pings.sum();
    }
  }

  private static final TransportInfo INFO =
      new TransportInfo("websocket", "heliograph", Liveness.PING, false);

  private final Lines lines;
  private final String remoteAddress;
  private @Nullable Session session;

  SimulatedBrowser(Lines lines, String remoteAddress) {
    this.lines = lines;
    this.remoteAddress = remoteAddress;
  }

  void session(Session own) {
    session = own;
  }

  @Override
  public TransportInfo info() {
    return INFO;
  }

  @Override
  public Encoding encoding() {
    return lines.encoding;
  }

  @Override
  public String remoteAddress() {
    return remoteAddress;
  }

  @Override
  public void write(ByteBuffer[] frames, WriteCallback done) {
    done.written(null);
    lines.writes.add(frames.length);
  }

  @Override
  public void ping(int number) {
    lines.pings.increment();
    if (session != null) {
      session.pings().onSignOfLife();
    }
  }

  @Override
  public void close(CloseReason reason) {}

  @Override
  public boolean hasEnded() {
    return false;
  }

  @Override
  public void abort() {}
}

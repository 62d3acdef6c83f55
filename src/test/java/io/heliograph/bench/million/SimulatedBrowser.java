package io.heliograph.bench.million;

import io.heliograph.session.CloseReason;
import io.heliograph.session.Codec;
import io.heliograph.session.Session;
import io.heliograph.session.Transport;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * A line that takes everything at once and answers each ping at once, and is as small as can be.
 */
public final class SimulatedBrowser implements Transport {

  /** What all lines of a node share. */
  static final class Lines {
    private final Codec protocol;
    private final LongAdder writes = new LongAdder();
    private final LongAdder pings = new LongAdder();

    Lines(Codec protocol) {
      this.protocol = protocol;
    }

    long writes() {
      return writes.sum();
    }

    long pings() {
      return pings.sum();
    }
  }

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
  public Codec protocol() {
    return lines.protocol;
  }

  @Override
  public String kind() {
    return "websocket";
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
  public void ping() {
    lines.pings.increment();
    if (session != null) {
      session.heard();
    }
  }

  @Override
  public void close(CloseReason reason) {}

  @Override
  public void abort() {}
}

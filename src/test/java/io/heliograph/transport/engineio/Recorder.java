package io.heliograph.transport.engineio;

import io.heliograph.session.CloseReason;
import io.heliograph.session.DuplexTransport;
import java.nio.ByteBuffer;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** Keeps what a session reports, in order. */
final class Recorder implements EngineListener {

  final List<String> events = new CopyOnWriteArrayList<>();

  /** The event after which reading is paused, once. */
  volatile @Nullable String pausesAfter;

  final CountDownLatch paused = new CountDownLatch(1);

  /** How many packets may come. */
  int packets = Integer.MAX_VALUE;

  private @Nullable DuplexTransport session;

  @Override
  public void onOpen(DuplexTransport opened) {
    session = opened;
    events.add("open");
  }

  @Override
  public void onMessage(String text) {
    add("message " + text);
  }

  @Override
  public void onBinary(ByteBuffer data) {
    byte[] bytes = new byte[data.remaining()];
    data.get(bytes);
    add("binary " + HexFormat.of().formatHex(bytes));
  }

  private void add(String event) {
    events.add(event);
    DuplexTransport reading = session;
    if (event.equals(pausesAfter) && reading != null) {
      pausesAfter = null;
      reading.pauseReading();
      paused.countDown();
    }
  }

  @Override
  public boolean onPacket() {
    return packets-- > 0;
  }

  @Override
  public boolean onPong(int number) {
    events.add("pong " + number);
    return true;
  }

  @Override
  public void onMalformed(CloseReason reason, String rule) {
    events.add("malformed");
  }

  @Override
  public void onUpgrade() {
    events.add("upgrade");
  }

  @Override
  public void onClosed(CloseReason reason, int code) {
    events.add("closed " + reason + " " + code);
  }
}

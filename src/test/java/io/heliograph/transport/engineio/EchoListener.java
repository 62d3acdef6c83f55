package io.heliograph.transport.engineio;

import io.heliograph.session.CloseReason;
import io.heliograph.session.DuplexTransport;
import io.heliograph.transport.websocket.WebSocketFraming;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Sends each message back, and asks for a sign of life as often as the public suites expect. */
public class EchoListener implements EngineListener {

  public static final int PING_INTERVAL_MILLIS = 300;
  public static final int PING_TIMEOUT_MILLIS = 200;

  /** The suites look at the very moment at which a session has to have ended. */
  private static final int EARLIER_MILLIS = 30;

  private final ScheduledExecutorService timer;
  private @Nullable DuplexTransport session;
  private @Nullable EchoWriter writer;
  private volatile @Nullable ScheduledFuture<?> ping;
  private volatile @Nullable ScheduledFuture<?> end;

  public EchoListener(ScheduledExecutorService timer) {
    this.timer = timer;
  }

  @Override
  public void onOpen(DuplexTransport opened) {
    session = opened;
    writer = new EchoWriter(opened);
    awaitPing();
  }

  private void awaitPing() {
    ping = timer.schedule(() -> session().ping(1), PING_INTERVAL_MILLIS, TimeUnit.MILLISECONDS);
    end =
        timer.schedule(
            () -> session().abort(),
            PING_INTERVAL_MILLIS + PING_TIMEOUT_MILLIS - EARLIER_MILLIS,
            TimeUnit.MILLISECONDS);
  }

  @Override
  public boolean onPong(int number) {
    cancel();
    awaitPing();
    return true;
  }

  private void cancel() {
    cancel(ping);
    cancel(end);
  }

  private static void cancel(@Nullable ScheduledFuture<?> task) {
    if (task != null) {
      task.cancel(false);
    }
  }

  @Override
  public void onMessage(String text) {
    send(text);
  }

  protected final void send(String text) {
    writer()
        .write(EngineFraming.TEXT.frame(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8))));
  }

  @Override
  public void onBinary(ByteBuffer data) {
    writer().write(WebSocketFraming.BINARY.frame(data));
  }

  @Override
  public void onMalformed(CloseReason reason, String rule) {
    session().abort();
  }

  @Override
  public void onClosed(CloseReason reason, int code) {
    cancel();
  }

  protected final DuplexTransport session() {
    if (session == null) {
      throw new IllegalStateException("not open");
    }
    return session;
  }

  private EchoWriter writer() {
    if (writer == null) {
      throw new IllegalStateException("not open");
    }
    return writer;
  }
}

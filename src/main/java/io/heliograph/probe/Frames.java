package io.heliograph.probe;

import java.net.http.WebSocket;
import java.time.Duration;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Queues the frames that arrive on the probe's WebSocket, in order. */
final class Frames implements WebSocket.Listener {

  private static final JsonMapper JSON = JsonMapper.shared();

  /** Enough for more than a minute; further frames are dropped. */
  private final BlockingQueue<String> texts = new LinkedBlockingQueue<>(1000);

  private final StringBuilder part = new StringBuilder();

  /** Waits for the next frame of this type and skips others. */
  JsonNode next(String type, Duration patience) throws InterruptedException, TimeoutException {
    long deadline = System.nanoTime() + patience.toNanos();
    while (true) {
      String text = texts.poll(deadline - System.nanoTime(), TimeUnit.NANOSECONDS);
      if (text == null) {
        throw new TimeoutException("no frame of type " + type + " within " + patience);
      }
      JsonNode frame = JSON.readTree(text);
      if (frame.path("type").asString("").equals(type)) {
        return frame;
      }
    }
  }

  @Override
  public @Nullable CompletionStage<?> onText(WebSocket socket, CharSequence data, boolean last) {
    part.append(data);
    if (last) {
      texts.offer(part.toString());
      part.setLength(0);
    }
    socket.request(1);
    return null;
  }
}

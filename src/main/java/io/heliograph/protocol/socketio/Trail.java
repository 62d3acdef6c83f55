package io.heliograph.protocol.socketio;

import io.heliograph.message.Channel;
import io.heliograph.message.Position;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The last messages that a client was sent, in the order written. A client that comes back names
 * one of them, and where it was on every channel follows. Safe for many threads.
 */
final class Trail {

  static final int LENGTH = 64;

  /** A message that was sent. */
  record Step(Channel channel, Position position) {

    String offset() {
      return SocketIoCodec.offset(channel, position);
    }
  }

  private final String from;

  // Guarded by this. A ring; null until something was sent.
  private Step @Nullable [] steps;
  private int count;

  /** The last position of each channel before the ring's first step. */
  private @Nullable Map<Channel, Position> before;

  /**
   * @param from the offset that its client may name for the beginning
   */
  Trail(String from) {
    this.from = from;
  }

  String from() {
    return from;
  }

  synchronized void add(Channel channel, Position position) {
    Step[] ring = steps == null ? new Step[4] : steps;
    if (count >= ring.length && ring.length < LENGTH) {
      ring = Arrays.copyOf(ring, Math.min(LENGTH, 2 * ring.length));
    }
    int index = count % LENGTH;
    if (count >= LENGTH) {
      if (before == null) {
        before = new HashMap<>();
      }
      before.put(ring[index].channel(), ring[index].position());
    }
    ring[index] = new Step(channel, position);
    steps = ring;
    count++;
  }

  /** The steps, oldest first. */
  synchronized List<Step> steps() {
    if (steps == null) {
      return List.of();
    }
    int kept = Math.min(count, LENGTH);
    List<Step> ordered = new ArrayList<>(kept);
    for (int i = count - kept; i < count; i++) {
      ordered.add(steps[i % LENGTH]);
    }
    return ordered;
  }

  synchronized Map<Channel, Position> before() {
    return before == null ? Map.of() : Map.copyOf(before);
  }

  /** Whether it begins with the first message that was sent. */
  synchronized boolean isWhole() {
    return count <= LENGTH;
  }
}

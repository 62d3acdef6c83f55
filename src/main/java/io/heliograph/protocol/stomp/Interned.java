package io.heliograph.protocol.stomp;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.nio.ByteBuffer;

/**
 * The beginnings of messages that many clients have in common: nearly all call their first
 * subscription {@code sub-0}, and a page has few destinations.
 */
final class Interned {

  private static final int MOST = 1_000;

  /** A longer id is most likely a random one, which no other session uses. */
  private static final int LONGEST_ID = 32;

  private record Key(StompVersion version, String id, String destination) {}

  private static final Cache<Key, ByteBuffer> BEGINS =
      Caffeine.newBuilder().maximumSize(MOST).build();

  private Interned() {}

  static ByteBuffer begin(StompCodec codec, String id, String destination) {
    return id.length() > LONGEST_ID || destination.length() > Destination.MAX_LENGTH
        ? codec.begin(id, destination)
        : BEGINS.get(
            new Key(codec.version(), id, destination),
            key -> codec.begin(key.id(), key.destination()));
  }
}

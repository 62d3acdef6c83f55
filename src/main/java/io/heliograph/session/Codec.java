package io.heliograph.session;

import java.nio.ByteBuffer;

/**
 * Turns what a session is told into the bytes of one kind of line. Stateless, used by many threads.
 */
public interface Codec {

  /** A read-only buffer, position 0; the caller duplicates it for each use. */
  ByteBuffer encode(ServerEvent frame);
}

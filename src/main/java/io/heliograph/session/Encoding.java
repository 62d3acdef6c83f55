package io.heliograph.session;

import java.nio.ByteBuffer;

/**
 * How events reach the clients of one protocol on one kind of transport: a codec's payloads in the
 * transport's frames. One object for all sessions of a kind, because encoded messages are shared by
 * it.
 */
public record Encoding(Codec codec, Framing framing) {

  /** A whole frame, read-only: the caller duplicates it. Empty when the protocol says nothing. */
  public ByteBuffer encode(ServerEvent event) {
    return frame(codec.encode(event));
  }

  /** The frame that goes along with each ping, read-only; empty: none does. */
  public ByteBuffer heartbeat() {
    return framing.heartbeat(codec.heartbeat().bytes());
  }

  /** The same for a payload that is the same for all. */
  public ByteBuffer frame(Payload payload) {
    return payload.bytes().hasRemaining() ? framing.frame(payload.bytes()) : payload.bytes();
  }
}

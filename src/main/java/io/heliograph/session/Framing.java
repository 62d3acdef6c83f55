package io.heliograph.session;

import java.nio.ByteBuffer;

/**
 * A transport's envelope around a codec's payload: a WebSocket header, a chunk's size and end, a
 * SockJS array. Stateless, used by many threads. A frame has two parts, so that a copy with a head
 * of its own shares the rest with all others; without one, both are made once for all.
 */
public interface Framing {

  /** Payloads as they are, for transports without an envelope. */
  Framing NONE =
      new Framing() {
        @Override
        public ByteBuffer begin(ByteBuffer head, ByteBuffer payload) {
          return head;
        }

        @Override
        public ByteBuffer rest(ByteBuffer payload) {
          return payload;
        }
      };

  /**
   * The begin of a frame, up to and with a copy's own head. A length that it states counts head and
   * payload.
   *
   * @param head empty for a frame that is the same for all
   * @param payload read for its length only; must not be consumed
   */
  ByteBuffer begin(ByteBuffer head, ByteBuffer payload);

  /** What follows {@link #begin}: the payload and the frame's end. */
  ByteBuffer rest(ByteBuffer payload);

  /**
   * What goes along with a ping, for clients that see no ping.
   *
   * @param payload what the codec says then; empty: nothing
   */
  default ByteBuffer heartbeat(ByteBuffer payload) {
    return payload.hasRemaining() ? frame(payload) : payload;
  }

  /** A whole frame in one piece, read-only. */
  default ByteBuffer frame(ByteBuffer payload) {
    ByteBuffer begin = begin(ByteBuffer.allocate(0), payload);
    ByteBuffer rest = rest(payload);
    return ByteBuffer.allocate(begin.remaining() + rest.remaining())
        .put(begin.duplicate())
        .put(rest.duplicate())
        .flip()
        .asReadOnlyBuffer();
  }
}

package io.heliograph.session;

import io.heliograph.message.Message;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An encoded frame on its way to one session, or the copies of a message that have heads of their
 * own.
 *
 * @param bytes the frame, or the first part
 * @param more the other parts, in order; null: none
 * @param message null when it is an answer
 * @param subscription which reads the log again if the queue is dropped; null: the frame stays in
 *     the queue, as answers do, and states, which are few and small
 */
record QueuedFrame(
    ByteBuffer bytes,
    ByteBuffer @Nullable [] more,
    @Nullable Message message,
    @Nullable Subscription subscription,
    Kind kind) {

  enum Kind {
    ANSWER,
    /** A message that was announced just now. */
    LIVE,
    /** A message that was read from the log. */
    RECOVERED,
    /** A notice that a message is missing, because the codec refused it. */
    GAP
  }

  static QueuedFrame answer(ByteBuffer bytes) {
    return new QueuedFrame(bytes, null, null, null, Kind.ANSWER);
  }

  /**
   * A message as the subscription's session gets it, with its heads. A message that the codec
   * refused is replaced by a gap, which can be dropped and read again like a message.
   */
  static QueuedFrame message(
      EncodedFrame.Encoded encoded,
      Subscription subscription,
      Message message,
      @Nullable StateVersion state,
      Kind kind) {
    Payload payload = encoded.payload();
    ByteBuffer bytes = encoded.bytes();
    if (payload == null || bytes == null) {
      var gap = new EncodedFrame(new ServerEvent.Gap(message.channel(), message.position()));
      EncodedFrame.Encoded notice = gap.encoded(encoded.encoding());
      if (notice.payload() == null) {
        throw new IllegalStateException("A codec refused a gap", notice.refusal());
      }
      return message(notice, subscription, message, null, Kind.GAP);
    }
    Subscription droppedWith = state == null ? subscription : null;
    if (payload.head() == null) {
      return new QueuedFrame(bytes, null, message, droppedWith, kind);
    }
    List<ByteBuffer> heads = payload.head().of(subscription, message.position());
    if (heads.isEmpty()) {
      return new QueuedFrame(Payload.NOTHING.bytes(), null, message, droppedWith, kind);
    }
    Framing framing = encoded.encoding().framing();
    ByteBuffer[] more = new ByteBuffer[2 * heads.size() - 1];
    for (int i = 0; i < heads.size(); i++) {
      if (i > 0) {
        more[2 * i - 1] = framing.begin(heads.get(i), payload.bytes());
      }
      more[2 * i] = bytes;
    }
    return new QueuedFrame(
        framing.begin(heads.getFirst(), payload.bytes()), more, message, droppedWith, kind);
  }

  int size() {
    int size = bytes.remaining();
    if (more != null) {
      for (ByteBuffer part : more) {
        size += part.remaining();
      }
    }
    return size;
  }

  int parts() {
    return more == null ? 1 : 1 + more.length;
  }

  ByteBuffer part(int index) {
    return index == 0 ? bytes : Objects.requireNonNull(more)[index - 1];
  }
}

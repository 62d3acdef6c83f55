package io.heliograph.session;

import io.heliograph.message.Position;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * An event as one protocol says it.
 *
 * @param bytes the same for every session, position 0, never changed; empty: this protocol says
 *     nothing for the event
 * @param head what goes in front of each session's copy; null: all copies are the same. For {@link
 *     ServerEvent.Delivery} and {@link ServerEvent.Gap} alone
 */
public record Payload(ByteBuffer bytes, @Nullable PersonalHead head) {

  /** For events that a protocol does not send. */
  public static final Payload NOTHING = new Payload(ByteBuffer.allocate(0));

  /**
   * A few bytes of a session's own in front of the shared payload, such as STOMP's subscription id
   * or the {@code id} field of SSE.
   */
  @FunctionalInterface
  public interface PersonalHead {

    /**
     * One head for each copy that the session gets, so none means that nothing is sent. Called
     * under the session's lock: must not block, and may read the session's subscriptions.
     *
     * @param position of the message; the subscription's cursor is still before it
     */
    List<ByteBuffer> of(Subscription subscription, Position position);
  }

  public Payload {
    bytes = bytes.asReadOnlyBuffer();
  }

  /** The same for every session. */
  public Payload(ByteBuffer bytes) {
    this(bytes, null);
  }

  /** In UTF-8, the same for every session. */
  public static Payload of(String text) {
    return new Payload(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
  }
}

package io.heliograph.client;

import io.heliograph.message.Channel;
import io.heliograph.message.Position;
import org.jspecify.annotations.Nullable;

/**
 * What a client asks for, whatever protocol it speaks.
 *
 * <p>An {@code id} is what the client called its request, in the protocol's own notation: the codec
 * that made it writes it into the answer, and no one else reads it.
 */
public sealed interface ClientRequest {

  /**
   * Follow a channel, or renew the right to one that is followed.
   *
   * @param token names the channel; null: the session's own right
   * @param since the position to resume after; null: from now on, or on from where it is
   */
  record Subscribe(
      @Nullable String id, Channel channel, @Nullable String token, @Nullable Position since)
      implements ClientRequest {
    @Override
    public String toString() {
      return "subscribe " + channel.kind().tag();
    }
  }

  record Unsubscribe(@Nullable String id, Channel channel) implements ClientRequest {}

  /** All messages up to this position were handled. */
  record Acknowledge(@Nullable String id, Channel channel, Position position)
      implements ClientRequest {}

  /** Log in, or renew the login. */
  record Authenticate(@Nullable String id, String token) implements ClientRequest {
    @Override
    public String toString() {
      return "authenticate";
    }
  }

  /**
   * Append a message to a topic.
   *
   * @param event null: {@code message}
   * @param data JSON text, not checked
   * @param idempotencyKey a repetition with the same key appends nothing; null: there is none
   */
  record Publish(
      @Nullable String id,
      Channel channel,
      @Nullable String event,
      String data,
      @Nullable String idempotencyKey)
      implements ClientRequest {
    @Override
    public String toString() {
      return "publish " + channel.kind().tag();
    }
  }

  /**
   * Ask the backend something; it is answered out of turn.
   *
   * @param method its name, not checked
   * @param data JSON text, not checked
   * @param idempotencyKey the same for a repetition of the call on a later connection; null: it is
   *     not repeated
   */
  record Call(@Nullable String id, String method, String data, @Nullable String idempotencyKey)
      implements ClientRequest {
    @Override
    public String toString() {
      return "call";
    }
  }

  /**
   * Stream bytes to the backend, which come behind this.
   *
   * @param name what it is, not checked
   * @param contentType not checked
   * @param size how many bytes there are; -1: not known
   */
  record Upload(@Nullable String id, String name, String contentType, long size)
      implements ClientRequest {
    @Override
    public String toString() {
      return "upload";
    }
  }

  record Ping(@Nullable String id) implements ClientRequest {}
}

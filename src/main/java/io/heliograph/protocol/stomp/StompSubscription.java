package io.heliograph.protocol.stomp;

import io.heliograph.message.Channel;
import io.heliograph.message.Position;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What a client calls one of its subscriptions. Several may share a channel, and then each gets a
 * copy of its messages, from where it began.
 */
final class StompSubscription {

  private final String id;
  private final String destination;

  /** Null: the session's own errors or replies. */
  private final @Nullable Channel channel;

  /** The same for all messages, and shared by all clients that write the same. */
  private final ByteBuffer begin;

  /** It asked for messages since a position. */
  private final boolean resumes;

  private final boolean acknowledges;

  /** Not null in the mode {@code client-individual} once it has begun. */
  private volatile @Nullable IndividualAcks individual;

  private final boolean individually;

  /** Gets messages after this; null: it has not begun. */
  private volatile @Nullable Position after;

  StompSubscription(
      String id,
      String destination,
      @Nullable Channel channel,
      ByteBuffer begin,
      AckMode mode,
      boolean resumes) {
    this.id = id;
    this.destination = destination;
    this.channel = channel;
    this.begin = begin;
    this.acknowledges = mode != AckMode.AUTO;
    this.individually = mode == AckMode.CLIENT_INDIVIDUAL;
    this.resumes = resumes;
  }

  String id() {
    return id;
  }

  String destination() {
    return destination;
  }

  @Nullable Channel channel() {
    return channel;
  }

  ByteBuffer begin() {
    return begin;
  }

  boolean resumes() {
    return resumes;
  }

  boolean acknowledges() {
    return acknowledges;
  }

  @Nullable IndividualAcks individual() {
    return individual;
  }

  boolean hasBegun() {
    return after != null;
  }

  /** Null: it has not begun. */
  @Nullable Position after() {
    return after;
  }

  void beginsAfter(Position position) {
    if (individually) {
      individual = new IndividualAcks(position);
    }
    after = position;
  }

  /**
   * The channel is read again from an earlier position, for another subscription.
   *
   * @param position up to which this one was sent everything
   */
  void wasSent(Position position) {
    Position before = after;
    if (before != null
        && (!before.epoch().equals(position.epoch()) || before.offset() < position.offset())) {
      after = position;
    }
  }

  /** Messages up to here are gone, and the client knows it. */
  void skipsTo(Position position) {
    IndividualAcks acks = individual;
    if (acks != null) {
      acks.skip(position);
    }
  }

  /** Whether it gets the message at this position. */
  boolean gets(Position position) {
    Position from = after;
    return from != null
        && (!from.epoch().equals(position.epoch()) || position.offset() > from.offset());
  }
}

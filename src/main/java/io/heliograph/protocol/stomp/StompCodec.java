package io.heliograph.protocol.stomp;

import io.heliograph.message.Channel;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import io.heliograph.session.Codec;
import io.heliograph.session.Payload;
import io.heliograph.session.ServerEvent;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What the server says in one version of STOMP. A message is encoded once for all sessions, but for
 * the head of each copy, which names the client's subscription. What depends on the client's
 * subscriptions otherwise is said by {@link StompTransport}.
 */
final class StompCodec implements Codec {

  /** As metrics name it. */
  static final String PROTOCOL = "stomp";

  private static final Payload EOL = Payload.of("\n");

  private final StompVersion version;

  StompCodec(StompVersion version) {
    this.version = version;
  }

  StompVersion version() {
    return version;
  }

  @Override
  public boolean parksOwnChannels() {
    return true;
  }

  @Override
  public Payload heartbeat() {
    return EOL;
  }

  @Override
  public Payload encode(ServerEvent event) {
    return switch (event) {
      case ServerEvent.Welcome welcome -> new Payload(connected(welcome));
      case ServerEvent.Delivery delivery -> message(delivery.message());
      case ServerEvent.Gap gap -> gap(gap);
      case ServerEvent.Subscribed subscribed ->
          receipt(
              subscribed.id(),
              "position",
              subscribed.position().text(),
              "recovered",
              Boolean.toString(subscribed.recovered()),
              "expires",
              text(subscribed.expires()));
      case ServerEvent.Published published ->
          receipt(
              published.id(),
              "message-id",
              published.message(),
              "position",
              published.position().text(),
              "repeated",
              published.repeated() ? "true" : null);
      case ServerEvent.Unsubscribed unsubscribed -> receipt(unsubscribed.id());
      case ServerEvent.Pong pong -> receipt(pong.id());
      case ServerEvent.Result result -> receipt(result.id());
      // Not requested in this protocol, or sent by the transport.
      case ServerEvent.Refusal _,
          ServerEvent.Authenticated _,
          ServerEvent.UploadReady _,
          ServerEvent.Bye _ ->
          Payload.NOTHING;
    };
  }

  private static @Nullable String text(@Nullable Instant time) {
    return time == null ? null : time.toString();
  }

  /** Nothing in it is escaped, so that clients of all versions can read it. */
  private ByteBuffer connected(ServerEvent.Welcome welcome) {
    return FrameWriter.frame("CONNECTED", StompVersion.V1_0)
        .header("version", version.text())
        .header("session", welcome.session())
        .header("user-name", welcome.user())
        .header("expires", text(welcome.expires()))
        .header("server", "heliograph")
        // Two rounds of the heartbeat: a session is met once a round, but not at its beginning.
        .header("heart-beat", 2 * welcome.heartbeat().toMillis() + ",0")
        .end();
  }

  private Payload receipt(@Nullable String name, @Nullable String... headers) {
    String receipt = name == null ? null : RequestName.parse(name).receipt();
    if (receipt == null) {
      return Payload.NOTHING;
    }
    FrameWriter frame = FrameWriter.frame("RECEIPT", version).header("receipt-id", receipt);
    for (int i = 0; i < headers.length; i += 2) {
      frame.header(Objects.requireNonNull(headers[i]), headers[i + 1]);
    }
    return new Payload(frame.end());
  }

  // Messages --------------------------------------------------------------------------------------

  /** The part of a MESSAGE that is the same for all messages of a subscription. */
  ByteBuffer begin(String subscription, String destination) {
    return FrameWriter.frame("MESSAGE", version)
        .header("subscription", subscription)
        .header("destination", destination)
        .begin();
  }

  private Payload message(Message message) {
    FrameWriter rest = FrameWriter.rest(version);
    return payload(
        place(rest, message.id(), message.channel(), message.position())
            .header("event", message.event())
            .header("time", message.time().toString())
            .header("from", message.from())
            .end(message.data()),
        message.channel(),
        message.id());
  }

  /** Valid JSON, too, so that a handler that parses each body does not fail. */
  private Payload gap(ServerEvent.Gap gap) {
    String position = gap.position().text();
    String id = gapId(gap.position());
    return payload(
        place(FrameWriter.rest(version), id, gap.channel(), gap.position())
            .header("event", "gap")
            .end(
                "{\"type\":\"gap\",\"channel\":\"%s\",\"position\":\"%s\"}"
                    .formatted(gap.channel().text(), position)),
        gap.channel(),
        id);
  }

  static String gapId(Position position) {
    return "gap-" + position.text();
  }

  private FrameWriter place(FrameWriter frame, String id, Channel channel, Position position) {
    return frame
        .header("message-id", version.hasAckHeader() ? id : null)
        .header("channel", channel.text())
        .header("position", position.text());
  }

  private Payload payload(ByteBuffer rest, Channel channel, String id) {
    return new Payload(
        rest,
        (subscription, position) ->
            heads(
                ((StompTransport) subscription.session().transport()).subscriptions(),
                channel,
                id,
                position));
  }

  /** One for each of the client's subscriptions that gets the message. */
  List<ByteBuffer> heads(
      StompSubscriptions subscriptions, Channel channel, String id, Position position) {
    List<ByteBuffer> heads = new ArrayList<>(1);
    for (StompSubscription each : subscriptions.all()) {
      if (channel.equals(each.channel()) && each.gets(position)) {
        heads.add(head(each, id, position));
      }
    }
    return heads;
  }

  ByteBuffer head(StompSubscription subscription, String id, Position position) {
    String ack = subscription.acknowledges() ? AckId.of(position, subscription.id()).text() : null;
    ByteBuffer own;
    if (!version.hasAckHeader()) {
      own = FrameWriter.rest(version).header("message-id", ack == null ? id : ack).begin();
    } else if (ack != null) {
      own = FrameWriter.rest(version).header("ack", ack).begin();
    } else {
      return subscription.begin();
    }
    ByteBuffer begin = subscription.begin().duplicate();
    return ByteBuffer.allocate(begin.remaining() + own.remaining()).put(begin).put(own).flip();
  }
}

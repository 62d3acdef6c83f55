package io.heliograph.protocol.stomp;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.message.Channel;
import io.heliograph.message.Position;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The risk: what all copies of a message have in common is made for each of them. */
class StompCodecTests {

  private static final Channel TOPIC = new Channel.Topic("news");
  private static final Position START = new Position("e", 3);
  private static final Position NEXT = new Position("e", 4);

  private static StompSubscription subscription(StompCodec codec, String id, AckMode mode) {
    var subscription =
        new StompSubscription(
            id, "/topic/news", TOPIC, Interned.begin(codec, id, "/topic/news"), mode, false);
    subscription.beginsAfter(START);
    return subscription;
  }

  private static List<ByteBuffer> heads(StompCodec codec, Position at, StompSubscription... all) {
    var subscriptions = new StompSubscriptions();
    for (StompSubscription each : all) {
      subscriptions.add(each);
    }
    return codec.heads(subscriptions, TOPIC, "message-1", at);
  }

  private static String text(ByteBuffer bytes) {
    return StandardCharsets.UTF_8.decode(bytes.duplicate()).toString();
  }

  @Test
  void clientsThatCallASubscriptionTheSameShareItsHead() {
    var codec = new StompCodec(StompVersion.V1_2);
    ByteBuffer one = heads(codec, NEXT, subscription(codec, "sub-0", AckMode.AUTO)).getFirst();
    ByteBuffer other = heads(codec, NEXT, subscription(codec, "sub-0", AckMode.AUTO)).getFirst();
    assertThat(one).isSameAs(other);
    assertThat(text(one)).isEqualTo("MESSAGE\nsubscription:sub-0\ndestination:/topic/news\n");
    String random = "x".repeat(33);
    assertThat(heads(codec, NEXT, subscription(codec, random, AckMode.AUTO)).getFirst())
        .isNotSameAs(heads(codec, NEXT, subscription(codec, random, AckMode.AUTO)).getFirst());
  }

  @Test
  void anAcknowledgingClientIsToldWhatToAcknowledge() {
    var codec = new StompCodec(StompVersion.V1_2);
    ByteBuffer head = heads(codec, NEXT, subscription(codec, "a", AckMode.CLIENT)).getFirst();
    assertThat(text(head)).endsWith("ack:e\\c4~a\n");
    assertThat(AckId.parse("e:4~a~b")).isEqualTo(new AckId(NEXT, "a~b"));
    assertThat(AckId.parse("e:4")).isNull();
    assertThat(AckId.parse("nonsense~a")).isNull();
  }

  @Test
  void oldVersionsAcknowledgeTheMessagesId() {
    var codec = new StompCodec(StompVersion.V1_0);
    assertThat(text(heads(codec, NEXT, subscription(codec, "a", AckMode.AUTO)).getFirst()))
        .endsWith("message-id:message-1\n");
    assertThat(text(heads(codec, NEXT, subscription(codec, "a", AckMode.CLIENT)).getFirst()))
        .endsWith("message-id:e:4~a\n");
  }

  @Test
  void aSubscriptionGetsWhatComesAfterItsBegin() {
    var codec = new StompCodec(StompVersion.V1_2);
    StompSubscription begun = subscription(codec, "a", AckMode.AUTO);
    assertThat(heads(codec, START, begun)).isEmpty();
    assertThat(heads(codec, NEXT, begun)).hasSize(1);
    assertThat(heads(codec, new Position("f", 1), begun)).hasSize(1);
    begun.wasSent(new Position("e", 7));
    begun.wasSent(new Position("e", 5));
    assertThat(heads(codec, new Position("e", 7), begun)).isEmpty();
    assertThat(heads(codec, new Position("e", 8), begun)).hasSize(1);
    var waiting =
        new StompSubscription("b", "/topic/news", TOPIC, begun.begin(), AckMode.AUTO, false);
    assertThat(heads(codec, NEXT, waiting)).isEmpty();
  }

  @Test
  void aRequestsNameComesBackAsItWas() {
    for (RequestName name :
        List.of(
            RequestName.of(RequestName.Kind.SUBSCRIBE, null, "id"),
            RequestName.of(RequestName.Kind.ACK, "", null),
            new RequestName(RequestName.Kind.CALL, "r\n:", "", "order.cancel"))) {
      assertThat(RequestName.parse(name.text())).isEqualTo(name);
    }
  }
}

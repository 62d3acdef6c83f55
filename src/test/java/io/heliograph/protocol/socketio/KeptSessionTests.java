package io.heliograph.protocol.socketio;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.message.Channel;
import io.heliograph.message.Position;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The risk: a client that names its last message goes on from another place than where it was. */
class KeptSessionTests {

  private static final Channel NEWS = new Channel.Topic("news");
  private static final Channel RATES = new Channel.Topic("rates");

  private final Trail trail = new Trail(SocketIoCodec.START);

  private static Position at(long offset) {
    return new Position("e", offset);
  }

  private KeptSession kept(Map<Channel, Position> cursors) {
    return new KeptSession(
        "alice",
        SocketIoCodec.START,
        trail.isWhole(),
        Set.of(),
        cursors.entrySet().stream()
            .map(each -> new KeptSession.Followed(each.getKey(), each.getValue(), null))
            .toList(),
        trail.before(),
        trail.steps());
  }

  private static String offset(Channel channel, long offset) {
    return SocketIoCodec.offset(channel, at(offset));
  }

  @Test
  void eachChannelGoesOnBehindWhatHadArrived() {
    trail.add(NEWS, at(1));
    trail.add(RATES, at(7));
    trail.add(NEWS, at(2));
    trail.add(RATES, at(8));
    KeptSession kept = kept(Map.of(NEWS, at(2), RATES, at(8)));

    assertThat(kept.at(offset(NEWS, 2))).isEqualTo(Map.of(NEWS, at(2), RATES, at(7)));
    assertThat(kept.at(offset(NEWS, 1))).isEqualTo(Map.of(NEWS, at(1), RATES, at(6)));
    assertThat(kept.at(offset(RATES, 8))).isEqualTo(Map.of(NEWS, at(2), RATES, at(8)));
  }

  @Test
  void aClientThatGotNothingContinuesWhereTheSessionBegan() {
    trail.add(NEWS, at(5));
    assertThat(kept(Map.of(NEWS, at(5), RATES, at(3))).at(SocketIoCodec.START))
        .isEqualTo(Map.of(NEWS, at(4), RATES, at(3)));
  }

  @Test
  void anOffsetThatIsNotKnownLeadsNowhere() {
    trail.add(NEWS, at(5));
    KeptSession kept = kept(Map.of(NEWS, at(5)));
    assertThat(kept.at(offset(NEWS, 4))).isNull();
    assertThat(kept.at(offset(RATES, 5))).isNull();
    assertThat(kept.at("")).isNull();
  }

  @Test
  void theBeginningIsForgottenWithTheFirstMessages() {
    for (int i = 1; i <= Trail.LENGTH; i++) {
      trail.add(NEWS, at(i));
    }
    assertThat(kept(Map.of(NEWS, at(Trail.LENGTH))).at(SocketIoCodec.START)).isNotNull();
    trail.add(NEWS, at(Trail.LENGTH + 1L));
    KeptSession kept = kept(Map.of(NEWS, at(Trail.LENGTH + 1L)));
    assertThat(kept.at(SocketIoCodec.START)).isNull();
    assertThat(kept.at(offset(NEWS, 1))).isNull();
    assertThat(kept.at(offset(NEWS, 2))).isEqualTo(Map.of(NEWS, at(2)));
  }

  @Test
  void aMessageThatWasSentTwiceCountsTheLastTime() {
    trail.add(NEWS, at(1));
    trail.add(RATES, at(1));
    trail.add(NEWS, at(1));
    trail.add(NEWS, at(2));
    assertThat(kept(Map.of(NEWS, at(2), RATES, at(1))).at(offset(NEWS, 1)))
        .isEqualTo(Map.of(NEWS, at(1), RATES, at(1)));
  }

  @Test
  void aChannelThatWasLeftIsNotSubscribedAgain() {
    trail.add(RATES, at(1));
    trail.add(NEWS, at(1));
    assertThat(kept(Map.of(NEWS, at(1))).at(offset(RATES, 1))).isEqualTo(Map.of(NEWS, at(0)));
  }

  @Test
  void theTextSaysAll() {
    for (int i = 1; i <= Trail.LENGTH + 3; i++) {
      trail.add(i % 2 == 0 ? NEWS : RATES, at(i));
    }
    for (@Nullable String user : new String[] {"auth0|5f7c", null}) {
      KeptSession kept =
          new KeptSession(
              user,
              offset(NEWS, 3),
              false,
              Set.of(new Channel.Topic("left")),
              List.of(
                  new KeptSession.Followed(NEWS, at(66), Instant.parse("2030-01-01T00:00:00Z")),
                  new KeptSession.Followed(Channel.EVERYONE, at(0), null)),
              trail.before(),
              trail.steps());
      assertThat(KeptSession.parse(kept.text())).isEqualTo(kept);
      assertThat(KeptSession.parse(kept.text() + "of a later version\n")).isEqualTo(kept);
    }
  }

  static LongStream seeds() {
    return LongStream.range(0, 300);
  }

  /** Several channels, messages in any order; the client got some first part of them. */
  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void whateverTheOrderTheClientGoesOnWhereItWas(long seed) {
    Random random = new Random(seed);
    List<Channel> channels = List.of(NEWS, RATES, Channel.EVERYONE, new Channel.User("alice"));
    Map<Channel, Long> heads = new HashMap<>();
    channels.forEach(channel -> heads.put(channel, (long) random.nextInt(5)));
    List<Map<Channel, Position>> positions = new ArrayList<>();
    List<String> offsets = new ArrayList<>();
    int count = 1 + random.nextInt(2 * Trail.LENGTH);
    for (int i = 0; i < count; i++) {
      Channel channel = channels.get(random.nextInt(channels.size()));
      long next = heads.merge(channel, 1L, Long::sum);
      trail.add(channel, at(next));
      offsets.add(offset(channel, next));
      Map<Channel, Position> now = new HashMap<>();
      heads.forEach((each, head) -> now.put(each, at(head)));
      positions.add(now);
    }
    KeptSession kept = KeptSession.parse(kept(positions.getLast()).text());
    for (int i = 0; i < count; i++) {
      Map<Channel, Position> expected = i < count - Trail.LENGTH ? null : positions.get(i);
      assertThat(kept.at(offsets.get(i))).as(offsets.get(i)).isEqualTo(expected);
    }
  }
}

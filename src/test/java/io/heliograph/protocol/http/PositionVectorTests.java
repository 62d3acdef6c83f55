package io.heliograph.protocol.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.message.Channel;
import io.heliograph.message.Position;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The risk: positions of other channels are read as those of these, or a text stops the server. */
class PositionVectorTests {

  private static final Channel ALICE = new Channel.User("alice");
  private static final Channel NEWS = new Channel.Topic("news");
  private static final List<Channel> CHANNELS = List.of(Channel.EVERYONE, ALICE, NEWS);

  private final PositionVector vector = new PositionVector(CHANNELS);

  @Test
  void whatWasWrittenIsRead() {
    Map<Channel, Position> positions =
        Map.of(ALICE, new Position("_x-Y", 41), NEWS, new Position("e", 0));
    String text = vector.text(positions::get);
    assertThat(text).matches("1\\.[A-Za-z0-9_-]{8}\\.-~_x-Y:41~e:0");
    assertThat(vector.read(text)).isEqualTo(positions);
  }

  @Test
  void anotherListOfChannelsIsAnotherVector() {
    String text = vector.text(_ -> new Position("e", 7));
    assertThat(new PositionVector(List.of(Channel.EVERYONE, NEWS, ALICE)).read(text)).isNull();
    assertThat(
            new PositionVector(List.of(Channel.EVERYONE, ALICE, new Channel.Topic("new")))
                .read(text))
        .isNull();
    // No two lists have the same text in a row.
    assertThat(
            new PositionVector(List.of(new Channel.Topic("a"), new Channel.Topic("b")))
                .text(_ -> null))
        .isNotEqualTo(new PositionVector(List.of(new Channel.Topic("a:topic:b"))).text(_ -> null));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "1", "1.", "2.", "~~", "stop", "-~-~-", "1.AAAAAAAA.e:1~e:1~e:1"})
  void whatIsNoVectorIsNone(String text) {
    assertThat(vector.read(text)).isNull();
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3})
  void aDamagedVectorIsNoneOrSaysSomethingOfTheseChannels(long seed) {
    Random random = new Random(seed);
    String good = vector.text(_ -> new Position("epoch", 123));
    for (int i = 0; i < 20_000; i++) {
      StringBuilder damaged = new StringBuilder(good);
      for (int changes = random.nextInt(1, 4); changes > 0 && !damaged.isEmpty(); changes--) {
        int at = random.nextInt(damaged.length());
        switch (random.nextInt(3)) {
          case 0 -> damaged.setCharAt(at, (char) random.nextInt(32, 0x2100));
          case 1 -> damaged.deleteCharAt(at);
          default -> damaged.insert(at, good, 0, random.nextInt(good.length()));
        }
      }
      Map<Channel, Position> read = vector.read(damaged.toString());
      if (read != null) {
        assertThat(CHANNELS).containsAll(read.keySet());
      }
    }
  }
}

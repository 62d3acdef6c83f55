package io.heliograph.broker.memory;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliograph.message.Channel;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a log keeps, beside a sorted map that does the same. */
class MessageRingTests {

  private final MessageRing retained = new MessageRing();

  @Test
  void anEmptyOneHasNothing() {
    assertThat(retained.isEmpty()).isTrue();
    assertThat(retained.indexAfter(0)).isZero();
    assertThat(retained.remove(1)).isNull();
    assertThatThrownBy(() -> retained.get(0)).isInstanceOf(IndexOutOfBoundsException.class);
    assertThatThrownBy(retained::removeFirst).isInstanceOf(IndexOutOfBoundsException.class);
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void itHoldsWhatASortedMapHolds(long seed) {
    Random random = new Random(seed);
    TreeMap<Long, CompactMessage> model = new TreeMap<>();
    long offset = 0;
    // How often it grows and shrinks goes up and down, so that it is empty and large by turns.
    for (int step = 0; step < 20_000; step++) {
      boolean growing = step / 1_000 % 2 == 0;
      int dice = random.nextInt(10);
      if (dice < (growing ? 7 : 2)) {
        CompactMessage kept = kept(++offset);
        retained.add(kept);
        model.put(offset, kept);
      } else if (dice < 8 && !model.isEmpty()) {
        retained.removeFirst();
        model.pollFirstEntry();
      } else {
        long some = offset - random.nextInt(20);
        assertThat(retained.remove(some)).isSameAs(model.remove(some));
      }
      assertThat(retained.size()).isEqualTo(model.size());
      if (step % 50 == 0) {
        long after = offset - random.nextInt(50);
        assertThat(from(retained.indexAfter(after)))
            .isEqualTo(List.copyOf(model.tailMap(after, false).values()));
      }
    }
    assertThat(from(0)).isEqualTo(List.copyOf(model.values()));
  }

  private List<CompactMessage> from(int index) {
    List<CompactMessage> messages = new ArrayList<>();
    for (int i = index; i < retained.size(); i++) {
      messages.add(retained.get(i));
    }
    return messages;
  }

  private static CompactMessage kept(long offset) {
    return new CompactMessage(
        new Message(
            "id-" + offset,
            new Channel.Everyone(),
            new Position("e", offset),
            "event",
            "1",
            Instant.EPOCH,
            null,
            null),
        null);
  }
}

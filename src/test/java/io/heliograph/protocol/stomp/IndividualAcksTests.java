package io.heliograph.protocol.stomp;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.message.Position;
import org.junit.jupiter.api.Test;

/** The risk: a message counts as handled that the client did not acknowledge. */
class IndividualAcksTests {

  private final IndividualAcks acks = new IndividualAcks(at(3));

  private static Position at(int offset) {
    return new Position("e", offset);
  }

  @Test
  void inOrderEachCounts() {
    assertThat(acks.add(at(4))).isEqualTo(at(4));
    assertThat(acks.add(at(5))).isEqualTo(at(5));
  }

  @Test
  void whatIsLeftOutHoldsTheOthersBack() {
    assertThat(acks.add(at(6))).isNull();
    assertThat(acks.add(at(5))).isNull();
    assertThat(acks.add(at(4))).isEqualTo(at(6));
  }

  @Test
  void aSecondAcknowledgementChangesNothing() {
    assertThat(acks.add(at(4))).isEqualTo(at(4));
    assertThat(acks.add(at(4))).isNull();
    assertThat(acks.add(at(2))).isNull();
  }

  @Test
  void whatIsLostNeedsNone() {
    acks.add(at(9));
    acks.skip(at(8));
    assertThat(acks.add(at(10))).isEqualTo(at(10));
  }

  @Test
  void anotherEpochBeginsAnew() {
    acks.add(at(9));
    assertThat(acks.add(new Position("f", 2))).isNull();
    assertThat(acks.add(new Position("f", 1))).isEqualTo(new Position("f", 2));
    acks.skip(new Position("g", 5));
    assertThat(acks.add(new Position("g", 6))).isEqualTo(new Position("g", 6));
  }

  @Test
  void aBoundedNumberMayBeAhead() {
    for (int offset = 5; offset < 5 + IndividualAcks.MOST_AHEAD; offset++) {
      acks.add(at(offset));
      assertThat(acks.areTooMany()).isFalse();
    }
    acks.add(at(1_000));
    assertThat(acks.areTooMany()).isTrue();
  }
}

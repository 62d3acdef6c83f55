package io.heliograph.broker.memory;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.broker.Broker;
import io.heliograph.broker.BrokerContract;
import io.heliograph.broker.LogProperties;
import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.History;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import io.heliograph.support.ManualClock;
import java.time.Duration;
import java.time.Instant;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

class MemoryBrokerTests extends BrokerContract {

  private final ManualClock clock = new ManualClock();

  @Override
  protected Broker newBroker(LogProperties bounds) {
    return new MemoryBroker(bounds, clock);
  }

  @Override
  protected Instant now() {
    return clock.instant();
  }

  @Override
  protected void advance(Duration duration) {
    clock.advance(duration);
  }

  @Test
  void theLogsThatWereIdleLongestGoFirst() {
    startWith(total(DataSize.ofKilobytes(64)));
    publish(channel, "a");
    publish(otherChannel, "b");
    for (int i = 0; i < 200; i++) {
      publish(new Channel.Topic("filler-" + i), "x");
      // Reading is use as well.
      get(broker.history(otherChannel, null, 1));
    }
    assertThat(history(null, 10).messages()).isEmpty();
    assertThat(get(broker.history(otherChannel, null, 10)).messages())
        .extracting(Message::event)
        .containsExactly("b");
  }

  @Test
  void anEvictedChannelComesBackWithANewEpochAndReportsTheLoss() {
    startWith(total(DataSize.ofKilobytes(64)));
    Position old = publish(channel, "a").getFirst().position();
    flood(200);
    assertThat(history(old, 10).complete()).isFalse();
    publish(channel, "b");
    History back = history(old, 10);
    assertThat(back.complete()).isFalse();
    assertThat(back.messages()).extracting(Message::event).containsExactly("b");
    assertThat(back.head().epoch()).isNotEqualTo(old.epoch());
    assertThat(back.head().offset()).isEqualTo(1);
  }

  @Test
  void aLogLargerThanTheWholeBoundStaysWhileItIsInUse() {
    startWith(total(DataSize.ofKilobytes(1)));
    get(broker.publish(channel, Draft.of("large", '"' + "x".repeat(5_000) + '"', now())));
    assertThat(history(null, 10).messages()).hasSize(1);
    publish(otherChannel, "small");
    assertThat(history(null, 10).messages()).isEmpty();
  }

  @Test
  void aFloodOfDistinctChannelsStaysUnderTheBound() {
    startWith(total(DataSize.ofMegabytes(4)));
    flood(100_000);
    assertThat(memory().totalBytes()).isLessThanOrEqualTo(DataSize.ofMegabytes(4).toBytes());
    assertThat(memory().logs()).isBetween(1_000, 10_000);
  }

  @Test
  void whatTheLogsCostIsCountedWithoutDrift() {
    startWith(
        new LogProperties(
            5, DataSize.ofBytes(300), Duration.ofMinutes(1), DataSize.ofKilobytes(16)));
    Random random = new Random(42);
    for (int i = 0; i < 20_000; i++) {
      Channel some = new Channel.Topic("t" + random.nextInt(40));
      Duration ttl = random.nextBoolean() ? Duration.ofSeconds(1 + random.nextInt(30)) : null;
      String key = random.nextBoolean() ? "k" + random.nextInt(3) : null;
      switch (random.nextInt(8)) {
        case 0 -> get(broker.history(some, null, 3));
        case 1 -> get(broker.undelivered(some, 3));
        case 2 -> broker.markDelivered(some, get(broker.head(some)));
        case 3 -> advance(Duration.ofSeconds(random.nextInt(10)));
        default ->
            get(
                broker.publish(
                    some,
                    new Draft(
                        "id",
                        "e",
                        "\"" + "x".repeat(random.nextInt(100)) + "\"",
                        now(),
                        ttl,
                        key,
                        null)));
      }
      if (i % 100 == 0) {
        assertThat(memory().totalBytes()).isEqualTo(memory().countedAnew());
        assertThat(memory().totalBytes()).isLessThanOrEqualTo(16 * 1024);
      }
    }
  }

  @Test
  void aRepeatedPublishIsForgottenAfterADay() {
    Draft draft = new Draft("id", "e", "{}", now(), null, null, "request-1");
    get(broker.publish(channel, draft));
    advance(Duration.ofHours(23));
    assertThat(get(broker.publish(channel, draft)).repeated()).isTrue();
    advance(Duration.ofHours(2));
    assertThat(get(broker.publish(channel, draft)).repeated()).isFalse();
  }

  @Test
  void clientsThatPublishWithoutEndPushNoKeyOfABackendOut() {
    Draft draft = new Draft("id", "e", "{}", now(), null, null, "request-1");
    get(broker.publish(channel, draft));
    for (int i = 0; i <= 100_000; i++) {
      get(
          broker.publish(
              channel,
              new Draft(
                  "id",
                  "e",
                  "{}",
                  now(),
                  null,
                  null,
                  "client/alice/" + i,
                  Duration.ofMinutes(2),
                  "alice",
                  null)));
    }
    assertThat(get(broker.publish(channel, draft)).repeated()).isTrue();
  }

  @Test
  void aListenerThatPublishesIsNotEnteredTwice() throws Exception {
    get(broker.subscribe(channel));
    listener.before(
        message -> {
          if (message.event().equals("question")) {
            publish(channel, "answer");
          }
        });
    publish(channel, "question");
    assertThat(listener.awaitOn(channel, 2))
        .extracting(Message::event)
        .containsExactly("question", "answer");
  }

  @Test
  void whatWaitsToBeAnnouncedIsBounded() throws Exception {
    startWith(bounds(3, DataSize.ofMegabytes(1)));
    get(broker.subscribe(channel));
    listener.before(
        message -> {
          if (message.event().equals("first")) {
            publish(channel, "a", "b", "c", "d", "e");
          }
        });
    publish(channel, "first");
    // The jump of the offsets shows those in between.
    assertThat(listener.awaitOn(channel, 4))
        .extracting(m -> m.position().offset())
        .containsExactly(1L, 4L, 5L, 6L);
  }

  private void flood(int channels) {
    for (int i = 0; i < channels; i++) {
      publish(new Channel.Topic("flood-" + i), "x");
    }
  }

  private MemoryBroker memory() {
    return (MemoryBroker) broker;
  }

  private static LogProperties total(DataSize total) {
    return new LogProperties(ROOMY.maxMessages(), ROOMY.maxBytes(), ROOMY.maxAge(), total);
  }
}

package io.heliograph.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.heliograph.broker.BrokerListener;
import io.heliograph.broker.BrokerUnavailableException;
import io.heliograph.broker.LogProperties;
import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.History;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import io.heliograph.message.Published;
import io.heliograph.support.FaultyNetwork;
import io.heliograph.support.RedisServer;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

/** Redis loses data, connections, or itself: the loss is reported, never passed over in silence. */
class RedisLossTests {

  private static final LogProperties ROOMY =
      new LogProperties(
          1_000, DataSize.ofMegabytes(1), Duration.ofHours(1), DataSize.ofMegabytes(256));

  private static final Channel ALICE = new Channel.User("alice");

  /** Records what was announced. */
  private static final class Ear implements BrokerListener {
    final ConcurrentLinkedQueue<String> events = new ConcurrentLinkedQueue<>();
    final ConcurrentLinkedQueue<Channel> suspected = new ConcurrentLinkedQueue<>();
    final AtomicInteger interruptions = new AtomicInteger();

    @Override
    public void onMessage(Message message) {
      events.add(message.event());
    }

    @Override
    public void onInterruption() {
      interruptions.incrementAndGet();
    }

    @Override
    public void onInterruption(Channel channel) {
      suspected.add(channel);
    }
  }

  private final RedisServer redis = RedisServer.running();
  private final RedisBrokers brokers = new RedisBrokers();
  private final Ear listener = new Ear();
  private final RedisBroker broker = brokers.start(redis.port(), ROOMY, listener);

  @AfterEach
  void stop() {
    brokers.close();
    redis.close();
  }

  @Test
  void aLostTailIsReportedToACursorInIt() {
    publish("a", "b");
    redis.save();
    Position lost = publish("c", "d").getLast().position();
    restart();

    History after = history(lost);
    assertThat(after.complete()).isFalse();
    assertThat(after.messages()).isEmpty();
    assertThat(history(after.through()).complete()).isTrue();
  }

  @Test
  void aLostTailIsReportedEvenWhenTheLogHasGrownPastTheCursorAgain() {
    publish("a", "b");
    redis.save();
    Position lost = publish("c", "d").getLast().position();
    restart();

    publish("e", "f", "g", "h");
    History after = history(lost);
    assertThat(after.complete()).isFalse();
    assertThat(after.messages()).extracting(Message::event).containsExactly("e", "f", "g", "h");
  }

  @Test
  void aLostTailIsReportedToAReaderThatHadNotSeenIt() {
    Position before = publish("a", "b").getLast().position();
    redis.save();
    publish("c", "d");
    restart();

    assertThat(history(before).complete()).isFalse();
  }

  @Test
  void aLostTailIsReportedAfterWhatIsStillThereBeforeIt() {
    Position start = get(broker.head(ALICE));
    publish("a", "b");
    redis.save();
    publish("c", "d");
    restart();
    publish("e");
    redis.save();
    publish("f");
    restart();
    publish("g");

    History first = history(start);
    assertThat(first.complete()).isTrue();
    assertThat(first.messages()).extracting(Message::event).containsExactly("a", "b");
    assertThat(first.through()).isEqualTo(first.messages().getLast().position());
    History second = history(first.through());
    assertThat(second.complete()).isFalse();
    assertThat(second.messages()).extracting(Message::event).containsExactly("e");
    History third = history(second.through());
    assertThat(third.complete()).isFalse();
    assertThat(third.messages()).extracting(Message::event).containsExactly("g");
    assertThat(third.reachesHead()).isTrue();
    assertThat(history(third.begin()).complete()).isTrue();
  }

  @Test
  void aHoleThatWasTrimmedIsStillReported() {
    RedisBroker narrow =
        brokers.start(
            redis.port(),
            new LogProperties(
                2, DataSize.ofMegabytes(1), Duration.ofHours(1), DataSize.ofMegabytes(256)),
            new Ear());
    Position seen = publish("a", "b").getLast().position();
    redis.save();
    restart();
    for (String event : List.of("c", "d", "e")) {
      await()
          .atMost(Duration.ofSeconds(60))
          .ignoreExceptions()
          .until(() -> get(narrow.publish(ALICE, Draft.of(event, "{}", Instant.now()))) != null);
    }
    History after = history(seen);
    assertThat(after.complete()).isFalse();
    assertThat(after.messages()).extracting(Message::event).containsExactly("d", "e");
    assertThat(history(after.begin()).complete()).isTrue();
  }

  @Test
  void aReplicaThatTookOverWithoutTheTailReportsTheLoss() {
    try (RedisServer replica = replica()) {
      publish("a", "b");
      aTailThatTheReplicaLacksIsReported(replica);
    }
  }

  /** Redis gives itself another replication id with its first replica, which no write has seen. */
  @Test
  void aReplicaThatTookOverFromAMasterThatWroteAloneReportsTheLoss() {
    publish("a", "b");
    try (RedisServer replica = replica()) {
      aTailThatTheReplicaLacksIsReported(replica);
    }
  }

  private RedisServer replica() {
    RedisServer replica = RedisServer.running();
    replica.command("REPLICAOF", "127.0.0.1", Integer.toString(redis.port()));
    await().until(() -> redis.text("INFO", "replication").contains("connected_slaves:1"));
    return replica;
  }

  private void aTailThatTheReplicaLacksIsReported(RedisServer replica) {
    await().until(() -> replica.command("XLEN", "test:{user:alice}:messages").equals(":2"));
    replica.command("REPLICAOF", "NO", "ONE");
    Position lost = publish("c", "d").getLast().position();

    RedisBroker there = brokers.start(replica.port(), ROOMY, listener);
    get(there.publish(ALICE, Draft.of("e", "{}", Instant.now())));
    get(there.publish(ALICE, Draft.of("f", "{}", Instant.now())));
    get(there.publish(ALICE, Draft.of("g", "{}", Instant.now())));
    History after = get(there.history(ALICE, lost, 10));
    assertThat(after.complete()).isFalse();
    assertThat(after.messages()).extracting(Message::event).containsExactly("e", "f", "g");
  }

  @Test
  void aFlushIsReportedAndTheNewLogIsAnother() {
    Position lost = publish("a", "b", "c").getFirst().position();
    redis.command("FLUSHALL");
    assertThat(history(lost).complete()).isFalse();
    List<Published> anew = publish("d", "e", "f");
    assertThat(anew.getFirst().position().epoch()).isNotEqualTo(lost.epoch());
    History after = history(lost);
    assertThat(after.complete()).isFalse();
    assertThat(after.messages()).extracting(Message::event).containsExactly("d", "e", "f");
  }

  @Test
  void aPositionBeforeTheFirstMessageIsLostByAFlushToo() {
    Position before = get(broker.head(ALICE));
    publish("a");
    redis.command("FLUSHALL");
    assertThat(history(before).complete()).isFalse();
  }

  @Test
  void messagesThatRedisEvictedAreMissed() {
    Position first = publish("a", "b", "c").getFirst().position();
    redis.command("DEL", "test:{user:alice}:messages");
    assertThat(history(first).complete()).isFalse();
    publish("d");
    assertThat(history(null).messages()).extracting(Message::event).containsExactly("d");
  }

  @Test
  void whileRedisIsAwayAPushFailsSoonAndAfterwardsItIsTakenAgain() {
    publish("a");
    redis.kill();
    long start = System.nanoTime();
    assertThatThrownBy(() -> publish("b"))
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(BrokerUnavailableException.class);
    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(20));
    redis.start();
    untilTaken("c");
  }

  @Test
  void aChannelSubscribedWhileRedisWasAwayIsAnnouncedWhenItIsBack() {
    publish("a");
    redis.kill();
    assertThatThrownBy(() -> get(broker.subscribe(ALICE)))
        .hasCauseInstanceOf(BrokerUnavailableException.class);
    redis.start();
    await()
        .atMost(Duration.ofSeconds(60))
        .untilAsserted(
            () -> {
              untilTaken("b");
              assertThat(listener.events).contains("b");
            });
  }

  @Test
  void aConnectionThatWasCutIsSubscribedAgainAndTheLossIsReported() {
    get(broker.subscribe(ALICE));
    get(broker.head(ALICE));
    redis.command("CLIENT", "KILL", "TYPE", "pubsub");
    publish("unheard");
    await().until(() -> listener.interruptions.get() > 0);
    publish("received");
    await().until(() -> listener.events.contains("received"));
  }

  @Test
  void anAnnouncementThatWasLostIsFoundByTheHead() {
    Ear other = new Ear();
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    RedisBroker checking = brokers.make(redis.port(), ROOMY, Duration.ofMillis(300), meters);
    checking.start(other);
    get(checking.subscribe(ALICE));
    get(checking.head(ALICE));
    // Appended by a program that announces nothing.
    publish("a");
    await().until(() -> other.events.contains("a"));
    assertThat(other.suspected).isEmpty();
    redis.command("HINCRBY", "test:{user:alice}:log", "h", "1");
    await().until(() -> other.suspected.contains(ALICE));
    assertThat(meters.get("heliograph.broker.unheard").counter().count()).isGreaterThanOrEqualTo(1);
  }

  @Test
  void aServerThatHangsIsNotWaitedFor() throws Exception {
    publish("a");
    redis.signal("STOP");
    try {
      assertThatThrownBy(() -> publish("b")).hasCauseInstanceOf(BrokerUnavailableException.class);
      await().atMost(Duration.ofSeconds(60)).until(() -> !brokers.connections(broker).isUp());
    } finally {
      redis.signal("CONT");
    }
    await().atMost(Duration.ofSeconds(60)).until(() -> brokers.connections(broker).isUp());
    untilTaken("c");
  }

  @Test
  void aMasterThatBecameAReplicaAndKeepsConnectionsOpenIsLeft() {
    try (RedisServer promoted =
            RedisServer.running("--replicaof", "127.0.0.1", Integer.toString(redis.port()));
        FaultyNetwork name = new FaultyNetwork(redis.port())) {
      RedisBroker there = brokers.start(name.port(), ROOMY, listener);
      get(there.subscribe(ALICE));
      get(there.publish(ALICE, Draft.of("a", "{}", Instant.now())));
      promoted.command("REPLICAOF", "NO", "ONE");
      name.leadTo(promoted.port());
      redis.command("REPLICAOF", "127.0.0.1", Integer.toString(promoted.port()));

      assertThatThrownBy(() -> get(there.publish(ALICE, Draft.of("b", "{}", Instant.now()))))
          .hasCauseInstanceOf(BrokerUnavailableException.class);
      await()
          .atMost(Duration.ofSeconds(60))
          .ignoreExceptions()
          .until(
              () -> {
                get(there.publish(ALICE, Draft.of("c", "{}", Instant.now())));
                return listener.events.contains("c");
              });
      assertThat(listener.events).doesNotContain("b");
    }
  }

  @Test
  void aNodeThatStartsBeforeRedisWaitsForIt() {
    redis.kill();
    RedisBroker early =
        brokers.make(redis.port(), ROOMY, Duration.ofSeconds(30), new SimpleMeterRegistry());
    early.start(listener);
    BrokerHealth health = new BrokerHealth(brokers.connections(early), Duration.ofSeconds(5));
    assertThat(health.health().getStatus().getCode()).isEqualTo("DOWN");
    assertThatThrownBy(() -> get(early.head(ALICE)))
        .hasCauseInstanceOf(BrokerUnavailableException.class);
    redis.start();
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> health.health().getStatus().getCode().equals("UP"));
    get(early.head(ALICE));
  }

  private void restart() {
    redis.kill();
    redis.start();
    await()
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptions()
        .until(() -> get(broker.head(new Channel.User("probe"))) != null);
  }

  private void untilTaken(String event) {
    await()
        .atMost(Duration.ofSeconds(60))
        .ignoreExceptions()
        .until(() -> !publish(event).isEmpty());
  }

  private List<Published> publish(String... events) {
    List<Published> published = new ArrayList<>();
    for (String event : events) {
      published.add(get(broker.publish(ALICE, Draft.of(event, "{}", Instant.now()))));
    }
    return published;
  }

  private History history(@Nullable Position since) {
    return get(broker.history(ALICE, since, 10));
  }

  private static <T> T get(CompletableFuture<T> future) {
    return future.orTimeout(10, TimeUnit.SECONDS).join();
  }
}

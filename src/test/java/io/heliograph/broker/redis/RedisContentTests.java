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
import io.heliograph.support.RedisServer;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.sync.RedisCommands;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.unit.DataSize;

/** What Redis holds: nothing for channels that were only read, and garbage that harms no client. */
class RedisContentTests {

  private static final LogProperties ROOMY =
      new LogProperties(
          1_000, DataSize.ofMegabytes(1), Duration.ofHours(1), DataSize.ofMegabytes(256));

  private static final Channel NEWS = new Channel.Topic("news");
  private static final String HASH = "test:{topic:news}:log";
  private static final String STREAM = "test:{topic:news}:messages";
  private static final String KEYS = "test:{topic:news}:keys";

  private final ConcurrentLinkedQueue<String> received = new ConcurrentLinkedQueue<>();

  private final BrokerListener listener =
      new BrokerListener() {
        @Override
        public void onMessage(Message message) {
          received.add(message.event());
        }

        @Override
        public void onInterruption() {}

        @Override
        public void onInterruption(Channel channel) {}
      };

  private final RedisServer redis = RedisServer.running();
  private final RedisBrokers brokers = new RedisBrokers();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final RedisBroker broker =
      brokers.make(redis.port(), ROOMY, Duration.ofMillis(200), meters);
  private final RedisClient client = RedisClient.create(RedisURI.create("127.0.0.1", redis.port()));
  private final RedisCommands<String, String> commands = client.connect().sync();

  @BeforeEach
  void start() {
    broker.start(listener);
    await().until(brokers.connections(broker)::hadContact);
  }

  @AfterEach
  void stop() {
    client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
    brokers.close();
    redis.close();
  }

  // Reading creates nothing -----------------------------------------------------------------------

  @Test
  void readingAChannelThatWasNeverPublishedToLeavesNoKey() {
    for (int i = 0; i < 100; i++) {
      Channel channel = new Channel.User("stranger-" + i);
      get(broker.subscribe(channel));
      get(broker.head(channel));
      get(broker.history(channel, null, 10));
      get(broker.history(channel, new Position("another", 3), 10));
      get(broker.undelivered(channel, 10));
      broker.markDelivered(channel, new Position("another", 3));
    }
    // Several rounds of the check of heads read all of them again.
    await()
        .until(
            () ->
                meters.get("heliograph.broker.script").tag("script", "history").timer().count()
                    > 700);
    assertThat(commands.keys("*"))
        .containsExactlyInAnyOrder("test:{nodes}:leases", "test:{nodes}:generation");
  }

  @Test
  void theFirstMessageFollowsThePositionOfAChannelWithoutALog() {
    Position before = get(broker.head(NEWS));
    assertThat(before.isWithoutLog()).isTrue();
    publish("a", "b");
    History page = get(broker.history(NEWS, before, 10));
    assertThat(page.complete()).isTrue();
    assertThat(page.messages()).extracting(Message::event).containsExactly("a", "b");
  }

  @Test
  void aLogThatWasLostAfterThatPositionIsAGap() {
    Position before = get(broker.head(NEWS));
    publish("lost");
    // Another life of the server, as after a restart without its data.
    commands.del(HASH, STREAM, KEYS);
    publish("a");
    commands.hset(HASH, "c", "00000000-" + commands.hget(HASH, "c").split("-")[1]);
    assertThat(get(broker.history(NEWS, before, 10)).complete()).isFalse();
  }

  @Test
  void aLogThatIsYoungerThanOneCanLiveIsAGap() {
    String life = get(broker.head(NEWS)).epoch().substring(2, 10);
    long longAgo = System.currentTimeMillis() - Duration.ofHours(3).toMillis();
    Position before = new Position("0-" + life + "-" + longAgo, 0);
    assertThat(get(broker.history(NEWS, before, 10)).complete()).isFalse();
    publish("a");
    assertThat(get(broker.history(NEWS, before, 10)).complete()).isFalse();
  }

  @Test
  void aQuietChannelIsNoGapToANodeThatWasSubscribedAllTheTime() {
    get(broker.subscribe(NEWS));
    Position first = get(broker.head(NEWS));
    await().until(() -> !get(broker.head(NEWS)).equals(first));
    SubscribedChannels channels = new SubscribedChannels();
    channels.add(NEWS);
    Position start = new Position("0-0123abcd-1000000000000", 0);
    Position later = new Position("0-0123abcd-1000000900000", 0);
    channels.onRead(NEWS, start);
    channels.onRead(NEWS, later);
    assertThat(channels.withoutLogSince(NEWS, start)).isEqualTo(later);
    Position earlier = new Position("0-0123abcd-0999999999999", 0);
    assertThat(channels.withoutLogSince(NEWS, earlier)).isEqualTo(earlier);
    Position otherLife = new Position("0-0123abce-1000000100000", 0);
    assertThat(channels.withoutLogSince(NEWS, otherLife)).isEqualTo(otherLife);
    channels.doubt();
    assertThat(channels.withoutLogSince(NEWS, start)).isEqualTo(start);
  }

  // Garbage ---------------------------------------------------------------------------------------

  @Test
  void anEntryWithoutOurFieldsIsSkippedAndAGap() {
    publish("a", "b", "c");
    commands.xdel(STREAM, "2-0");
    commands.xtrim(STREAM, 0);
    commands.xadd(STREAM, io.lettuce.core.XAddArgs.Builder.maxlen(100).id("3-1"), Map.of("x", "y"));
    publish("d");
    History page = get(broker.history(NEWS, null, 10));
    assertThat(page.complete()).isFalse();
    assertThat(page.messages()).extracting(Message::event).containsExactly("d");
    assertThat(unreadable("entry")).isPositive();
  }

  @Test
  void entriesWithoutOurFieldsAreTrimmedLikeOthers() {
    RedisBroker small =
        brokers.make(
            redis.port(),
            new LogProperties(
                2, DataSize.ofMegabytes(1), Duration.ofHours(1), DataSize.ofMegabytes(9)),
            Duration.ofSeconds(30),
            new SimpleMeterRegistry());
    small.start(listener);
    await().until(brokers.connections(small)::hadContact);
    publish("a");
    commands.xadd(STREAM, io.lettuce.core.XAddArgs.Builder.maxlen(100).id("1-1"), Map.of("x", "y"));
    for (String event : List.of("b", "c", "d")) {
      get(small.publish(NEWS, Draft.of(event, "{}", Instant.now())));
    }
    assertThat(get(small.history(NEWS, null, 10)).messages())
        .extracting(Message::event)
        .endsWith("c", "d");
  }

  @Test
  void anEntryBeyondTheHeadDoesNotRefuseEveryLaterMessage() {
    Position before = publish("a").getLast().position();
    commands.xadd(
        STREAM, io.lettuce.core.XAddArgs.Builder.maxlen(100).id("99999999-0"), Map.of("x", "y"));
    publish("b", "c");
    History page = get(broker.history(NEWS, before, 10));
    assertThat(page.complete()).isFalse();
    assertThat(page.messages()).extracting(Message::event).containsExactly("b", "c");
  }

  @ParameterizedTest
  @ValueSource(strings = {"e", "h", "t", "d", "n", "b", "o"})
  void aLogWithAnUnreadableFieldIsALostLog(String field) {
    Position before = publish("a").getLast().position();
    commands.hset(HASH, field, "?!\u0001 " + "x".repeat(40));
    assertThat(get(broker.history(NEWS, before, 10)).complete()).isFalse();
    commands.hset(HASH, field, "");
    publish("b");
    History page = get(broker.history(NEWS, before, 10));
    assertThat(page.complete()).isFalse();
    assertThat(page.messages()).extracting(Message::event).containsExactly("b");
  }

  @ParameterizedTest
  @ValueSource(strings = {HASH, STREAM, KEYS})
  void aKeyOfAnotherTypeIsALostLog(String key) {
    Position before = publish("a").getLast().position();
    commands.del(key);
    commands.set(key, "garbage");
    assertThat(get(broker.history(NEWS, before, 10)).complete()).isFalse();
    commands.set(key, "garbage");
    publish("b");
    assertThat(get(broker.history(NEWS, null, 10)).messages())
        .extracting(Message::event)
        .containsExactly("b");
  }

  @ParameterizedTest
  @ValueSource(strings = {"garbage", "", "a b", "a b c", "a b 1 d"})
  void anUnreadableMemoryOfADraftIsNoMemory(String text) {
    String once = "order-1";
    commands.set("test:{topic:news}:once:" + once, text);
    Draft draft = new Draft("id-1", "a", "{}", Instant.now(), null, null, once);
    Published first = get(broker.publish(NEWS, draft));
    assertThat(first.repeated()).isFalse();
    assertThat(get(broker.publish(NEWS, draft)).repeated()).isTrue();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "garbage",
        "\n",
        "a:b:c\nx",
        "e:1:1\n2\n",
        "e:1:1:n:soon\n1\nid\n1\n\na\n\n\n{}",
        "?:1:1\n1\nid\n1\n\na\n\n\n{}",
        "e:-1:1\n1\nid\n1\n\na\n\n\n{}",
        "e:1:99999999999999999999\n1\nid\n1\n\na\n\n\n{}"
      })
  void anUnreadableAnnouncementIsCountedAndTheNextOneDelivered(String text) {
    get(broker.subscribe(NEWS));
    commands.publish("test:{topic:news}", text);
    try {
      commands.spublish("test:{topic:news}", text);
    } catch (RuntimeException e) {
      // Redis 6 knows no sharded announcements.
    }
    await().until(() -> unreadable("announcement") > 0);
    publish("a");
    await().until(() -> received.contains("a"));
    assertThat(received).containsExactly("a");
  }

  @Test
  void unreadableTextOnTheClusterBusIsPassedOver() {
    for (String name : List.of("test:{nodes}:all", "test:{nodes}:one:" + broker.bus().self())) {
      for (String text :
          List.of("", "garbage", "1\nquestion\nx\n{", "x\nreceipt\ny\nz", "1\nanswer\na\n[]")) {
        commands.publish(name, text);
        commands.spublish(name, text);
      }
    }
    get(broker.subscribe(NEWS));
    publish("a");
    await().until(() -> received.contains("a"));
  }

  // Writes that are refused -----------------------------------------------------------------------

  @Test
  void aServerThatRefusesWritesIsNotUp() {
    await().until(() -> up() == 1);
    commands.configSet("min-replicas-to-write", "3");
    assertThatThrownBy(() -> publish("a"))
        .isInstanceOf(CompletionException.class)
        .hasCauseInstanceOf(BrokerUnavailableException.class);
    await().until(() -> up() == 0);
    // It answers every ping meanwhile.
    await().during(Duration.ofSeconds(3)).atMost(Duration.ofSeconds(30)).until(() -> up() == 0);
    assertThat(brokers.connections(broker).away()).isPositive();
    commands.configSet("min-replicas-to-write", "0");
    await().until(() -> up() == 1);
    publish("b");
  }

  @Test
  void aServerThatIsOutOfMemoryIsNotUp() {
    await().until(() -> up() == 1);
    commands.configSet("maxmemory", "1");
    await().until(() -> up() == 0);
    commands.configSet("maxmemory", "0");
    await().until(() -> up() == 1);
  }

  // ------------------------------------------------------------------------------------------------

  private double up() {
    return meters.get("heliograph.broker.up").gauge().value();
  }

  private double unreadable(String what) {
    var counter = meters.find("heliograph.broker.unreadable").tag("what", what).counter();
    return counter == null ? 0 : counter.count();
  }

  private List<Published> publish(String... events) {
    return java.util.Arrays.stream(events)
        .map(event -> get(broker.publish(NEWS, Draft.of(event, "{}", Instant.now()))))
        .toList();
  }

  private static <T> T get(CompletableFuture<T> future) {
    return future.orTimeout(20, TimeUnit.SECONDS).join();
  }
}

package io.heliograph.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.broker.AtomicPublish;
import io.heliograph.broker.LogProperties;
import io.heliograph.broker.RecordingListener;
import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.Ids;
import io.heliograph.support.RedisServer;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

/** State beside a log changes with what is announced of it, or not at all. */
class AtomicPublishTests {

  private static final LogProperties BOUNDS =
      new LogProperties(
          100, DataSize.ofMegabytes(1), Duration.ofHours(1), DataSize.ofMegabytes(10));

  private static final Channel LOGIN = new Channel.Login("t".repeat(22));

  @Test
  void bothHappenOrNeither() throws Exception {
    try (RedisServer redis = RedisServer.running();
        RedisBrokers brokers = new RedisBrokers()) {
      RecordingListener listener = new RecordingListener();
      RedisBroker here = brokers.start(redis.port(), BOUNDS, listener);
      RedisBroker there = brokers.start(redis.port(), BOUNDS, new RecordingListener());
      here.subscribe(LOGIN).join();
      String key = "test:{" + LOGIN.text() + "}:state";
      redis.command("HSET", key, "m", "none", "x", "", "t", "");

      assertThat(change(there, "none", "one")).isTrue();
      assertThat(change(there, "none", "other")).isFalse();
      assertThat(change(there, "one", "two")).isTrue();

      assertThat(redis.command("HSTRLEN", key, "t")).isEqualTo(":3");
      assertThat(here.history(LOGIN, null, 10).join().messages())
          .extracting(message -> message.data())
          .containsExactly("\"one\"", "\"two\"");
      assertThat(listener.awaitOn(LOGIN, 2))
          .extracting(message -> message.data())
          .containsExactly("\"one\"", "\"two\"");
    }
  }

  /** A deadline that has passed forbids every change but a late one, which is the last. */
  @Test
  void nothingChangesAfterTheDeadline() throws Exception {
    try (RedisServer redis = RedisServer.running();
        RedisBrokers brokers = new RedisBrokers()) {
      RedisBroker broker = brokers.start(redis.port(), BOUNDS, new RecordingListener());
      redis.command("HSET", "test:{" + LOGIN.text() + "}:state", "m", "a", "x", "1", "t", "");
      assertThat(change(broker, "a", "b")).isFalse();
      assertThat(change(broker, "a", "b", true)).isTrue();
      assertThat(broker.history(LOGIN, null, 10).join().messages()).hasSize(1);
    }
  }

  private static boolean change(RedisBroker broker, String expected, String next) {
    return change(broker, expected, next, false);
  }

  private static boolean change(RedisBroker broker, String from, String to, boolean late) {
    Instant now = Instant.now();
    return broker
        .publish(
            LOGIN,
            new Draft(Ids.v7(now), "state", '"' + to + '"', now, null, null, null),
            new AtomicPublish.Change("state", from, to, null, now.plusSeconds(60), to, late))
        .join();
  }
}

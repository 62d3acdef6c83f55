package io.heliograph.broker.redis;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.broker.LogProperties;
import io.heliograph.broker.RecordingListener;
import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.Ids;
import io.heliograph.support.RedisServer;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

/** State beside a log changes with what is announced of it, or not at all. */
class AtomicPublishTests {

  private static final LogProperties BOUNDS =
      new LogProperties(
          100, DataSize.ofMegabytes(1), Duration.ofHours(1), DataSize.ofMegabytes(10));

  /** Sets the state when it was what is expected. */
  private static final AtomicPublish.Change CHANGE =
      new AtomicPublish.Change(
          """
          local key = table.remove(KEYS)
          local next = table.remove(ARGV)
          local expected = table.remove(ARGV)
          if (redis.call('GET', key) or '') ~= expected then
            return {0}
          end
          redis.call('SET', key, next)
          """);

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

      assertThat(change(there, "", "one")).isTrue();
      assertThat(change(there, "", "other")).isFalse();
      assertThat(change(there, "one", "two")).isTrue();

      assertThat(redis.command("STRLEN", key)).isEqualTo(":3");
      assertThat(here.history(LOGIN, null, 10).join().messages())
          .extracting(message -> message.data())
          .containsExactly("\"one\"", "\"two\"");
      assertThat(listener.awaitOn(LOGIN, 2))
          .extracting(message -> message.data())
          .containsExactly("\"one\"", "\"two\"");
    }
  }

  private static boolean change(RedisBroker broker, String expected, String next) {
    Instant now = Instant.now();
    return broker
        .publish(
            LOGIN,
            new Draft(Ids.v7(now), "state", '"' + next + '"', now, null, null, null),
            CHANGE,
            "state",
            List.of(expected, next))
        .join();
  }
}

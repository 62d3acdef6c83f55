package io.heliograph.broker.redis;

import io.heliograph.broker.Broker;
import io.heliograph.broker.BrokerContract;
import io.heliograph.broker.LogProperties;
import io.heliograph.support.RedisCluster;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;

/** The contract against a real Redis Cluster: each channel on one of three masters. */
@SuppressWarnings("NullAway.Init") // the cluster is started before the tests
class RedisClusterBrokerTests extends BrokerContract {

  private static RedisCluster cluster;

  private final RedisBrokers brokers = new RedisBrokers();

  @BeforeAll
  static void startCluster() {
    cluster = RedisCluster.running();
  }

  @AfterAll
  static void stopCluster() {
    if (cluster != null) {
      cluster.close();
    }
  }

  @AfterEach
  void closeBrokers() {
    brokers.close();
  }

  @Override
  protected Broker newBroker(LogProperties bounds) {
    return brokers.makeOnCluster(
        cluster.masters().getFirst().port(), bounds, Duration.ofSeconds(30));
  }

  @Override
  protected Instant now() {
    return Instant.now().truncatedTo(ChronoUnit.MILLIS);
  }

  @Override
  protected void advance(Duration duration) {
    cluster
        .masters()
        .forEach(
            master -> {
              String answer =
                  master.command(
                      "EVAL", RedisBrokerTests.GROW_OLDER, "0", Long.toString(duration.toMillis()));
              if (!answer.startsWith("$2")) {
                throw new IllegalStateException(answer);
              }
            });
  }
}

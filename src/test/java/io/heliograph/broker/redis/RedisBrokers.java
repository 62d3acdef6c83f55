package io.heliograph.broker.redis;

import io.heliograph.broker.BrokerListener;
import io.heliograph.broker.LogProperties;
import io.heliograph.redis.RedisConfiguration;
import io.heliograph.redis.RedisConnections;
import io.heliograph.redis.RedisNamespace;
import io.heliograph.redis.RedisProperties;
import io.heliograph.redis.StaleConnectionCloser;
import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.ClientOptions;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisURI;
import io.lettuce.core.cluster.ClusterClientOptions;
import io.lettuce.core.cluster.ClusterTopologyRefreshOptions;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;

/** Makes brokers as the configuration does, each with a client of its own, and ends them. */
final class RedisBrokers implements AutoCloseable {

  static final Duration TIMEOUT = Duration.ofMillis(1_500);

  private final StaleConnectionCloser closer = new StaleConnectionCloser(TIMEOUT.multipliedBy(2));

  private final ClientResources resources =
      RedisConfiguration.reconnectSoon(
              DefaultClientResources.builder().ioThreadPoolSize(2).computationThreadPoolSize(2),
              closer)
          .build();

  private final Map<RedisBroker, RedisConnections> connectionsByBroker = new HashMap<>();
  private final List<Runnable> ends = new ArrayList<>();

  RedisBroker make(int port, LogProperties bounds, Duration headCheck, MeterRegistry meters) {
    RedisClient client = RedisClient.create(resources, RedisURI.create("127.0.0.1", port));
    client.setOptions(RedisConfiguration.failFast(ClientOptions.builder(), TIMEOUT).build());
    return make(client, bounds, headCheck, meters);
  }

  /** On the Redis Cluster to which this server belongs. */
  RedisBroker makeOnCluster(int port, LogProperties bounds, Duration headCheck) {
    RedisClusterClient client =
        RedisClusterClient.create(resources, RedisURI.create("127.0.0.1", port));
    ClusterClientOptions.Builder options =
        ClusterClientOptions.builder()
            .topologyRefreshOptions(
                ClusterTopologyRefreshOptions.builder().enableAllAdaptiveRefreshTriggers().build());
    RedisConfiguration.failFast(options, TIMEOUT);
    client.setOptions(options.build());
    return make(client, bounds, headCheck, new SimpleMeterRegistry());
  }

  private RedisBroker make(
      AbstractRedisClient client, LogProperties bounds, Duration headCheck, MeterRegistry meters) {
    var connections = new RedisConnections(client, closer, TIMEOUT);
    RedisBroker broker =
        new RedisBroker(
            connections,
            new RedisNamespace("test"),
            new RedisProperties(
                "test", TIMEOUT, headCheck, Duration.ofSeconds(10), Duration.ofSeconds(5)),
            bounds,
            Clock.systemUTC(),
            meters);
    connectionsByBroker.put(broker, connections);
    ends.add(
        () -> {
          broker.close();
          connections.close();
          client.shutdown(Duration.ZERO, Duration.ofSeconds(2));
        });
    return broker;
  }

  RedisBroker start(int port, LogProperties bounds, BrokerListener listener) {
    RedisBroker broker = make(port, bounds, Duration.ofSeconds(30), new SimpleMeterRegistry());
    broker.start(listener);
    // The first connection of a JVM takes longer than a call waits.
    Awaitility.await().until(connections(broker)::hadContact);
    return broker;
  }

  RedisConnections connections(RedisBroker broker) {
    return Objects.requireNonNull(connectionsByBroker.get(broker));
  }

  @Override
  public void close() {
    ends.forEach(Runnable::run);
    resources.shutdown(0, 2, TimeUnit.SECONDS);
  }
}

package io.heliograph.redis;

import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionException;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.pubsub.StatefulRedisClusterPubSubConnection;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.RedisPubSubListener;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import io.lettuce.core.pubsub.api.async.RedisPubSubAsyncCommands;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * The connection on which a node receives pub/sub messages. Lettuce reconnects it when it closes.
 * If it is open but does not answer, {@link RedisConnections} drops it and opens it again.
 */
final class PubSubConnection {

  private final AbstractRedisClient client;
  private final RedisPubSubListener<String, String> listener;

  /** Null before the first contact, and after it was dropped. */
  private volatile @Nullable StatefulRedisPubSubConnection<String, String> current;

  /**
   * @param onMessage receives name and text, on Lettuce's threads; must not block
   */
  PubSubConnection(AbstractRedisClient client, BiConsumer<String, String> onMessage) {
    this.client = client;
    this.listener =
        new RedisPubSubAdapter<>() {
          @Override
          public void message(String name, String text) {
            onMessage.accept(name, text);
          }

          @Override
          public void smessage(String name, String text) {
            onMessage.accept(name, text);
          }
        };
  }

  /** Connects; blocks until that succeeds or fails. */
  void open() {
    StatefulRedisPubSubConnection<String, String> connection;
    if (client instanceof RedisClusterClient cluster) {
      StatefulRedisClusterPubSubConnection<String, String> ofCluster =
          cluster.connectPubSub(StringCodec.UTF8);
      ofCluster.setNodeMessagePropagation(true);
      connection = ofCluster;
    } else {
      connection = ((RedisClient) client).connectPubSub(StringCodec.UTF8);
    }
    connection.addListener(listener);
    current = connection;
  }

  boolean isMissing() {
    return current == null;
  }

  /** Fails only when the connection is open and does not answer. */
  CompletableFuture<?> ping() {
    StatefulRedisPubSubConnection<String, String> connection = current;
    return connection == null || !connection.isOpen()
        ? CompletableFuture.completedFuture(null)
        : connection
            .async()
            .ping()
            .toCompletableFuture()
            .exceptionallyCompose(
                failure ->
                    connection.isOpen()
                        ? CompletableFuture.failedFuture(failure)
                        : CompletableFuture.completedFuture(null));
  }

  void drop() {
    StatefulRedisPubSubConnection<String, String> connection = current;
    current = null;
    if (connection != null) {
      connection.closeAsync();
    }
  }

  CompletableFuture<Void> subscribe(List<String> names, boolean sharded) {
    return each(
        names, (commands, some) -> sharded ? commands.ssubscribe(some) : commands.subscribe(some));
  }

  CompletableFuture<Void> unsubscribe(List<String> names, boolean sharded) {
    return each(
        names,
        (commands, some) -> sharded ? commands.sunsubscribe(some) : commands.unsubscribe(some));
  }

  @FunctionalInterface
  private interface Command {
    CompletionStage<Void> run(RedisPubSubAsyncCommands<String, String> commands, String[] names);
  }

  private CompletableFuture<Void> each(List<String> names, Command command) {
    StatefulRedisPubSubConnection<String, String> connection = current;
    if (connection == null) {
      return CompletableFuture.failedFuture(
          new RedisConnectionException("There is no connection to Redis for subscriptions"));
    }
    RedisPubSubAsyncCommands<String, String> commands = connection.async();
    if (!(connection instanceof StatefulRedisClusterPubSubConnection)) {
      return command.run(commands, names.toArray(String[]::new)).toCompletableFuture();
    }
    // In a Redis Cluster each name has its own slot, and a command may use only one slot.
    return CompletableFuture.allOf(
        names.stream()
            .map(name -> command.run(commands, new String[] {name}).toCompletableFuture())
            .toArray(CompletableFuture<?>[]::new));
  }
}

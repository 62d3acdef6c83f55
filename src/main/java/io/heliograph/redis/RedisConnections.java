package io.heliograph.redis;

import io.heliograph.concurrent.Background;
import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's non-blocking connections to Redis: one for commands, one for subscriptions, and a thread
 * for repeated work. Lettuce reconnects by itself; this class reports reconnects to its listener
 * and replaces a connection that is open but does not answer.
 */
public final class RedisConnections implements RedisConnectionStateListener, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(RedisConnections.class);
  private static final Duration BETWEEN_PINGS = Duration.ofSeconds(1);
  private static final Duration BETWEEN_HANG_UPS = Duration.ofSeconds(2);

  /** The connection for commands, and what its server supports. */
  public record CommandConnection(
      RedisClusterAsyncCommands<String, String> commands, boolean sharded, boolean cluster) {}

  /**
   * Gets the events of the connections, on Lettuce's threads or the thread of this class. Must not
   * block.
   */
  public interface Listener {

    /** A message was published under a subscribed name. */
    void onMessage(String name, String text);

    /** A connection was reconnected. */
    void onReconnect();

    /** The connection for subscriptions was interrupted: subscriptions may be lost. */
    void onSubscriptionsLost();
  }

  private final AbstractRedisClient client;
  private final StaleConnectionCloser closer;
  private final Duration timeout;
  private final PubSubConnection subscriptions;
  private final RedisAvailability availability = new RedisAvailability();
  private final CompletableFuture<CommandConnection> firstContact = new CompletableFuture<>();

  private final ScheduledExecutorService scheduler =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().name("heliograph-redis").daemon().unstarted(task));

  /** Connections that were connected before; connecting again is a reconnect. */
  private final Set<RedisChannelHandler<?, ?>> known =
      Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

  private final AtomicLong hungUpNanos =
      new AtomicLong(System.nanoTime() - BETWEEN_HANG_UPS.toNanos());

  private volatile @Nullable Listener listener;
  private volatile boolean closed;
  private boolean reportedMissing;

  /**
   * @param closer of the same client
   * @param timeout the longest wait for an answer
   */
  public RedisConnections(
      AbstractRedisClient client, StaleConnectionCloser closer, Duration timeout) {
    this.client = client;
    this.closer = closer;
    this.timeout = timeout;
    this.subscriptions = new PubSubConnection(client, this::onMessage);
  }

  private void onMessage(String name, String text) {
    Listener current = listener;
    if (current != null) {
      current.onMessage(name, text);
    }
  }

  /** Connects, and tries again until it succeeds. */
  public void open(Listener newListener) {
    listener = newListener;
    client.addListener(this);
    scheduler.execute(this::connect);
  }

  /** Whether Redis answers and does not refuse writes. */
  public boolean isUp() {
    return availability.isUp();
  }

  /** How long Redis has been unusable; zero while it is usable. */
  public Duration away() {
    return availability.away();
  }

  public Duration timeout() {
    return timeout;
  }

  public boolean hadContact() {
    return firstContact.isDone();
  }

  /** The connection for commands; waits for the first contact at most the timeout. */
  public CompletableFuture<CommandConnection> commands() {
    return firstContact.isDone()
        ? firstContact
        : firstContact.copy().orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS);
  }

  public CompletableFuture<Void> subscribe(List<String> names) {
    return commands().thenCompose(server -> subscriptions.subscribe(names, server.sharded()));
  }

  public CompletableFuture<Void> unsubscribe(List<String> names) {
    return commands().thenCompose(server -> subscriptions.unsubscribe(names, server.sharded()));
  }

  // Repeated work, on one thread ------------------------------------------------------------------

  /**
   * @param what for the log line, when the task throws
   */
  public void every(Duration period, String what, Runnable task) {
    scheduler.scheduleWithFixedDelay(
        Background.guarded(what, task),
        period.toMillis(),
        period.toMillis(),
        TimeUnit.MILLISECONDS);
  }

  public void after(Duration delay, String what, Runnable task) {
    scheduler.schedule(Background.guarded(what, task), delay.toMillis(), TimeUnit.MILLISECONDS);
  }

  private void connect() {
    if (closed) {
      return;
    }
    try {
      CommandConnection connection = openCommands();
      subscriptions.open();
      availability.onConnected();
      firstContact.complete(connection);
      log.info("Connected to Redis; announcing is {}", connection.sharded() ? "sharded" : "plain");
      every(BETWEEN_PINGS, "Pinging Redis", this::ping);
    } catch (Throwable e) {
      if (!reportedMissing) {
        reportedMissing = true;
        log.warn("Redis cannot be reached; trying again every second: {}", rootOf(e).toString());
      }
      after(BETWEEN_PINGS, "Connecting to Redis", this::connect);
    }
  }

  private CommandConnection openCommands() {
    StatefulConnection<String, String> connection;
    RedisClusterAsyncCommands<String, String> commands;
    if (client instanceof RedisClusterClient cluster) {
      StatefulRedisClusterConnection<String, String> ofCluster = cluster.connect(StringCodec.UTF8);
      connection = ofCluster;
      commands = ofCluster.async();
    } else {
      StatefulRedisConnection<String, String> single =
          ((RedisClient) client).connect(StringCodec.UTF8);
      connection = single;
      commands = single.async();
    }
    try {
      List<Object> known = commands.commandInfo("spublish").toCompletableFuture().join();
      return new CommandConnection(
          commands,
          known.getFirst() instanceof List<?> info && !info.isEmpty(),
          client instanceof RedisClusterClient);
    } catch (RuntimeException e) {
      connection.closeAsync();
      throw e;
    }
  }

  private void ping() {
    if (closed) {
      return;
    }
    Background.onCompletion(
        "A ping to Redis",
        firstContact.join().commands().ping(),
        (_, failure) -> {
          if (!closed) {
            availability.onPing(failure);
          }
        });
    if (subscriptions.isMissing()) {
      replaceSubscriptions();
      return;
    }
    Background.onFailure(
        "A ping to Redis",
        subscriptions.ping(),
        _ -> {
          // Commands are answered, so only this connection is dead.
          if (isUp() && !closed) {
            log.warn("The connection to Redis for subscriptions does not answer and is replaced");
            subscriptions.drop();
          }
        });
  }

  private void replaceSubscriptions() {
    try {
      subscriptions.open();
      Listener current = listener;
      if (current != null) {
        current.onReconnect();
        current.onSubscriptionsLost();
      }
    } catch (RuntimeException e) {
      log.debug("The connection to Redis for subscriptions cannot be replaced yet", e);
    }
  }

  /**
   * Called with the outcome of the write that every node makes regularly, the renewal of its lease.
   * A server may answer each ping and still refuse each write: out of memory, with too few
   * replicas, or after it became a replica itself. In the last case only a new connection reaches
   * the new master; all connections are closed, but not at every failure.
   */
  public void onRegularWrite(@Nullable Throwable failure) {
    if (closed) {
      return;
    }
    boolean replica = availability.onWrite(failure);
    if (replica && hungUpLongAgo()) {
      log.warn("This Redis server has become a replica; reconnecting to find the master");
      closer.closeAll();
    }
  }

  private boolean hungUpLongAgo() {
    long now = System.nanoTime();
    long last = hungUpNanos.get();
    return now - last >= BETWEEN_HANG_UPS.toNanos() && hungUpNanos.compareAndSet(last, now);
  }

  @Override
  public void onRedisConnected(RedisChannelHandler<?, ?> connection, SocketAddress address) {
    Listener current = listener;
    if (!known.add(connection) && !closed && current != null) {
      current.onReconnect();
      if (connection instanceof StatefulRedisPubSubConnection) {
        after(Duration.ZERO, "Subscribing again", current::onSubscriptionsLost);
      }
    }
  }

  public static Throwable rootOf(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  /** The connections themselves are closed with their client, by Spring. */
  @Override
  public void close() {
    closed = true;
    scheduler.shutdownNow();
    client.removeListener(this);
  }
}

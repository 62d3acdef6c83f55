package io.heliograph.broker.redis;

import io.heliograph.broker.BrokerUnavailableException;
import io.heliograph.concurrent.Background;
import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.RedisChannelHandler;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisConnectionStateListener;
import io.lettuce.core.RedisFuture;
import io.lettuce.core.api.StatefulConnection;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.cluster.RedisClusterClient;
import io.lettuce.core.cluster.api.StatefulRedisClusterConnection;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import io.lettuce.core.cluster.pubsub.StatefulRedisClusterPubSubConnection;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.pubsub.RedisPubSubAdapter;
import io.lettuce.core.pubsub.StatefulRedisPubSubConnection;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.WeakHashMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A node's two connections to Redis: one for commands, one for subscriptions. Lettuce reconnects by
 * itself; this class notices it, and replaces a connection that is open but dead.
 */
final class RedisConnections implements RedisConnectionStateListener, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(RedisConnections.class);
  private static final Duration BETWEEN_PINGS = Duration.ofSeconds(1);
  private static final Duration BETWEEN_HANG_UPS = Duration.ofSeconds(2);

  /** The connection for commands, and what its server supports. */
  record CommandConnection(
      StatefulConnection<String, String> line,
      RedisClusterAsyncCommands<String, String> commands,
      boolean sharded,
      boolean cluster) {}

  private final AbstractRedisClient client;
  private final Duration timeout;
  private final ScheduledExecutorService scheduler;
  private final BiConsumer<String, String> ear;
  private final Runnable onHearingAgain;
  private final Runnable onReconnect;
  private final Runnable hangUp;
  private final CompletableFuture<CommandConnection> firstContact = new CompletableFuture<>();

  /** Connections that were connected before; connecting again is a reconnect. */
  private final Set<RedisChannelHandler<?, ?>> known =
      Collections.synchronizedSet(Collections.newSetFromMap(new WeakHashMap<>()));

  private volatile @Nullable StatefulRedisPubSubConnection<String, String> hearing;
  private volatile boolean up;

  /**
   * It answers, but refuses the regular write of every node: out of memory, or too few replicas.
   */
  private volatile boolean refusesWrites;

  private volatile long downSinceNanos = System.nanoTime();
  private volatile boolean closed;
  private final AtomicLong hungUpNanos =
      new AtomicLong(System.nanoTime() - BETWEEN_HANG_UPS.toNanos());
  private boolean complained;

  /**
   * @param ear receives the name and text of each announcement, on Lettuce's threads; must not
   *     block
   * @param onHearingAgain called when the subscribing connection was away: its subscriptions may be
   *     gone
   * @param onReconnect called when any connection came back
   * @param hangUp closes all connections to Redis; Lettuce reconnects them
   */
  RedisConnections(
      AbstractRedisClient client,
      Duration timeout,
      ScheduledExecutorService scheduler,
      BiConsumer<String, String> ear,
      Runnable onHearingAgain,
      Runnable onReconnect,
      Runnable hangUp) {
    this.client = client;
    this.timeout = timeout;
    this.scheduler = scheduler;
    this.ear = ear;
    this.onHearingAgain = onHearingAgain;
    this.onReconnect = onReconnect;
    this.hangUp = hangUp;
  }

  /** Connects, and tries again until it succeeds. */
  void open() {
    client.addListener(this);
    scheduler.execute(this::connect);
  }

  boolean isUp() {
    return up;
  }

  /** How long an answer is waited for. */
  Duration timeout() {
    return timeout;
  }

  boolean hadContact() {
    return firstContact.isDone();
  }

  /** How long Redis has been unusable; zero while it is usable. */
  Duration away() {
    return up ? Duration.ZERO : Duration.ofNanos(System.nanoTime() - downSinceNanos);
  }

  /** Waits for the first contact, at most as long as for an answer. */
  CompletableFuture<CommandConnection> asking() {
    return firstContact.isDone()
        ? firstContact
        : firstContact.copy().orTimeout(timeout.toNanos(), TimeUnit.NANOSECONDS);
  }

  CompletableFuture<Void> subscribe(List<String> names) {
    return onHearingLine(
        (line, sharded, some) ->
            sharded ? line.async().ssubscribe(some) : line.async().subscribe(some),
        names);
  }

  CompletableFuture<Void> unsubscribe(List<String> names) {
    return onHearingLine(
        (line, sharded, some) ->
            sharded ? line.async().sunsubscribe(some) : line.async().unsubscribe(some),
        names);
  }

  private interface Command {
    RedisFuture<Void> on(
        StatefulRedisPubSubConnection<String, String> line, boolean sharded, String[] names);
  }

  private CompletableFuture<Void> onHearingLine(Command command, List<String> names) {
    return asking()
        .thenCompose(
            asking -> {
              StatefulRedisPubSubConnection<String, String> line = hearing;
              if (line == null) {
                throw new BrokerUnavailableException(
                    "The subscribing connection to Redis is away", null);
              }
              if (!(line instanceof StatefulRedisClusterPubSubConnection)) {
                return command.on(line, asking.sharded(), names.toArray(String[]::new));
              }
              // Each channel has its own slot there, and a command must stay in one slot.
              return CompletableFuture.allOf(
                  names.stream()
                      .map(
                          name ->
                              command
                                  .on(line, asking.sharded(), new String[] {name})
                                  .toCompletableFuture())
                      .toArray(CompletableFuture<?>[]::new));
            });
  }

  // Connecting, on the scheduler's thread ---------------------------------------------------------

  private void connect() {
    if (closed) {
      return;
    }
    try {
      CommandConnection asking = connectAsking();
      hearing = connectHearing();
      up = true;
      firstContact.complete(asking);
      log.info("Connected to Redis; announcing is {}", asking.sharded() ? "sharded" : "plain");
      scheduler.scheduleWithFixedDelay(
          Background.guarded("Pinging Redis", this::ping),
          BETWEEN_PINGS.toMillis(),
          BETWEEN_PINGS.toMillis(),
          TimeUnit.MILLISECONDS);
    } catch (Throwable e) {
      if (!complained) {
        complained = true;
        log.warn("Redis cannot be reached, trying again every second: {}", rootOf(e).toString());
      }
      scheduler.schedule(this::connect, BETWEEN_PINGS.toMillis(), TimeUnit.MILLISECONDS);
    }
  }

  private CommandConnection connectAsking() {
    StatefulConnection<String, String> line;
    RedisClusterAsyncCommands<String, String> commands;
    if (client instanceof RedisClusterClient cluster) {
      StatefulRedisClusterConnection<String, String> connection = cluster.connect(StringCodec.UTF8);
      line = connection;
      commands = connection.async();
    } else {
      StatefulRedisConnection<String, String> connection =
          ((RedisClient) client).connect(StringCodec.UTF8);
      line = connection;
      commands = connection.async();
    }
    try {
      List<Object> known = commands.commandInfo("spublish").toCompletableFuture().join();
      return new CommandConnection(
          line,
          commands,
          known.getFirst() instanceof List<?> info && !info.isEmpty(),
          client instanceof RedisClusterClient);
    } catch (RuntimeException e) {
      line.closeAsync();
      throw e;
    }
  }

  private StatefulRedisPubSubConnection<String, String> connectHearing() {
    StatefulRedisPubSubConnection<String, String> line;
    if (client instanceof RedisClusterClient cluster) {
      StatefulRedisClusterPubSubConnection<String, String> connection =
          cluster.connectPubSub(StringCodec.UTF8);
      connection.setNodeMessagePropagation(true);
      line = connection;
    } else {
      line = ((RedisClient) client).connectPubSub(StringCodec.UTF8);
    }
    line.addListener(
        new RedisPubSubAdapter<>() {
          @Override
          public void message(String name, String text) {
            ear.accept(name, text);
          }

          @Override
          public void smessage(String name, String text) {
            ear.accept(name, text);
          }
        });
    return line;
  }

  // Watching --------------------------------------------------------------------------------------

  private void ping() {
    if (closed) {
      return;
    }
    Background.onCompletion(
        "A ping to Redis",
        firstContact.join().commands().ping(),
        (_, failure) -> answered(failure));
    StatefulRedisPubSubConnection<String, String> line = hearing;
    if (line == null) {
      replaceHearing();
    } else if (line.isOpen()) {
      Background.onFailure(
          "A ping to Redis",
          line.async().ping(),
          _ -> {
            // Lettuce reconnects a closed connection. An open one on which only the ping fails is
            // half dead.
            if (line.isOpen() && up && !closed) {
              log.warn("The subscribing connection to Redis does not answer and is replaced");
              hearing = null;
              line.closeAsync();
            }
          });
    }
  }

  private void answered(@Nullable Throwable failure) {
    if (failure != null) {
      turned(false, "Redis does not answer: " + rootOf(failure));
    } else if (!refusesWrites) {
      turned(true, "Redis answers again");
    }
  }

  private synchronized void turned(boolean usable, String message) {
    if (usable != up && !closed) {
      if (usable) {
        log.info(message);
      } else {
        downSinceNanos = System.nanoTime();
        log.warn(message);
      }
      up = usable;
    }
  }

  private void replaceHearing() {
    try {
      hearing = connectHearing();
      onReconnect.run();
      onHearingAgain.run();
    } catch (RuntimeException e) {
      log.debug("The subscribing connection cannot be replaced yet", e);
    }
  }

  /**
   * Called with the outcome of a write that every node makes regularly, the renewal of its lease. A
   * server may answer every ping and refuse every write: out of memory, with too few replicas, or
   * after it became a replica itself. In the last case only a new connection leads to the new
   * master; the connections are renewed, though not at every failure.
   */
  void onRegularWrite(@Nullable Throwable failure) {
    if (failure == null) {
      refusesWrites = false;
      return;
    }
    Throwable root = rootOf(failure);
    if (!(root instanceof RedisCommandExecutionException)) {
      return;
    }
    refusesWrites = true;
    turned(false, "Redis answers but refuses writes: " + root.getMessage());
    // Redis 6 has its code in the text of the script's error.
    String reason = root.getMessage();
    if (reason != null && reason.contains("READONLY") && !closed && hungUpLongAgo()) {
      log.warn("Redis is a replica now; connecting anew to find the master");
      hangUp.run();
    }
  }

  private boolean hungUpLongAgo() {
    long now = System.nanoTime();
    long last = hungUpNanos.get();
    return now - last >= BETWEEN_HANG_UPS.toNanos() && hungUpNanos.compareAndSet(last, now);
  }

  @Override
  public void onRedisConnected(RedisChannelHandler<?, ?> line, java.net.SocketAddress address) {
    if (!known.add(line) && !closed) {
      onReconnect.run();
      if (line instanceof StatefulRedisPubSubConnection) {
        scheduler.execute(Background.guarded("Subscribing again", onHearingAgain));
      }
    }
  }

  static Throwable rootOf(Throwable failure) {
    Throwable root = failure;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return root;
  }

  /** The connections end with their client, which Spring closes. */
  @Override
  public void close() {
    closed = true;
    client.removeListener(this);
  }
}

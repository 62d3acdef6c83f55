package io.heliograph.broker.redis;

import io.heliograph.broker.BrokerUnavailableException;
import io.heliograph.broker.BusListener;
import io.heliograph.broker.BusMessage;
import io.heliograph.broker.ClusterBus;
import io.heliograph.concurrent.Background;
import io.heliograph.message.Ids;
import io.heliograph.redis.RedisConnections;
import io.lettuce.core.ScriptOutputType;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bus between nodes over Redis. Each node renews a lease, which ends by itself with the node,
 * and subscribes to two names: one for all nodes, one of its own. Redis's clock stamps each text;
 * its age is computed from the last lease, so that no two nodes' clocks have to agree, and a node
 * that was paused recognises old texts.
 */
final class RedisClusterBus implements ClusterBus {

  private static final Logger log = LoggerFactory.getLogger(RedisClusterBus.class);

  /** Renewals per lease, so that some may be lost in a row. */
  private static final int BEATS_A_LEASE = 10;

  private static final Duration TO_LEAVE = Duration.ofMillis(300);

  /**
   * Redis's clock, as the last renewal showed it.
   *
   * @param redisMillis its value at some moment between the two others
   */
  private record Clocks(long redisMillis, long askedNanos, long answeredNanos) {

    /** An upper bound of its time now. */
    long latest(long nanos) {
      return redisMillis + TimeUnit.NANOSECONDS.toMillis(nanos - askedNanos) + 1;
    }

    long earliest(long nanos) {
      return redisMillis + TimeUnit.NANOSECONDS.toMillis(nanos - answeredNanos);
    }
  }

  private final RedisConnections connections;
  private final RedisNames names;
  private final Duration lease;
  private final RedisMetrics metrics;
  private final LongSupplier nanoTime;
  private final String self = Ids.random128();
  private final Map<Kind, BusListener> listenersByKind = new ConcurrentHashMap<>();
  private volatile boolean subscribed;
  private volatile @Nullable Clocks clocks;
  private volatile int count = 1;
  private volatile String generation = "";
  private final CompletableFuture<Void> firstLease = new CompletableFuture<>();
  private volatile boolean left;

  RedisClusterBus(
      RedisConnections connections,
      RedisNames names,
      Duration lease,
      RedisMetrics metrics,
      LongSupplier nanoTime) {
    this.connections = connections;
    this.names = names;
    this.lease = lease;
    this.metrics = metrics;
    this.nanoTime = nanoTime;
  }

  @Override
  public String self() {
    return self;
  }

  @Override
  public int count() {
    return count;
  }

  @Override
  public void listen(Kind kind, BusListener listener) {
    listenersByKind.put(kind, listener);
  }

  /** The generation of the data in Redis, as the last lease said; empty before the first. */
  String generation() {
    return generation;
  }

  /** Completed when this node has held a lease for the first time. */
  CompletableFuture<Void> firstLease() {
    return firstLease;
  }

  // The lease -----------------------------------------------------------------------------------

  /** How often {@link #beat} is to be called. */
  Duration period() {
    return lease.dividedBy(BEATS_A_LEASE);
  }

  /** Subscribes, then renews the lease: other nodes wait for the replies of nodes with a lease. */
  void beat() {
    if (!connections.hadContact() || left) {
      return;
    }
    CompletableFuture<Void> subscribing =
        subscribed
            ? CompletableFuture.completedFuture(null)
            : connections
                .subscribe(List.of(names.allNodes(), names.node(self)))
                .thenRun(() -> subscribed = true);
    // A node that cannot subscribe still holds sessions; its missing replies show that.
    Background.onCompletion(
        "Renewing the lease",
        subscribing.handle((_, _) -> lease(lease)).thenCompose(taken -> taken),
        (_, failure) -> {
          if (failure != null) {
            log.debug("The lease could not be renewed", failure);
          }
          connections.onRegularWrite(failure);
        });
  }

  private CompletableFuture<Void> lease(Duration length) {
    long asked = nanoTime.getAsLong();
    return connections
        .commands()
        .thenCompose(
            server ->
                BrokerScript.LEASE
                    .script()
                    .<List<Object>>run(
                        server.commands(),
                        ScriptOutputType.MULTI,
                        new String[] {names.leases(), names.generation()},
                        self,
                        Long.toString(length.toMillis()),
                        Ids.random(9)))
        .thenAccept(
            answer -> {
              long answered = nanoTime.getAsLong();
              metrics.ran(BrokerScript.LEASE, answered - asked);
              clocks = new Clocks(Long.parseLong((String) answer.get(0)), asked, answered);
              count = Math.max(1, Math.toIntExact((Long) answer.get(1)));
              generation = (String) answer.get(2);
              firstLease.complete(null);
            });
  }

  /** The subscribing connection was away; Redis may be another server now, with another clock. */
  void onSubscriptionsLost() {
    subscribed = false;
    beat();
  }

  /**
   * Ends the lease, so that queries no longer wait for this node. If that fails, the lease ends by
   * itself.
   */
  void leave() {
    left = true;
    if (connections.isUp()) {
      try {
        lease(Duration.ZERO).get(TO_LEAVE.toMillis(), TimeUnit.MILLISECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      } catch (ExecutionException | TimeoutException e) {
        log.debug("The lease could not be ended", e);
      }
    }
  }

  // Sending ---------------------------------------------------------------------------------------

  @Override
  public CompletableFuture<Set<String>> sendToAll(Kind kind, String text) {
    return publish(names.allNodes(), kind, text)
        .thenApply(
            nodes -> {
              Set<String> others = new HashSet<>(nodes);
              others.remove(self);
              return others;
            });
  }

  @Override
  public CompletableFuture<Void> send(String node, Kind kind, String text) {
    return publish(names.node(node), kind, text).thenApply(_ -> null);
  }

  private CompletableFuture<List<String>> publish(String name, Kind kind, String text) {
    if (text.length() > MAX_TEXT) {
      return CompletableFuture.failedFuture(
          new BrokerUnavailableException("The text is too long for the cluster bus", null));
    }
    String message = kind.name().toLowerCase(Locale.ROOT) + '\n' + self + '\n' + text;
    long start = nanoTime.getAsLong();
    return connections
        .commands()
        .thenCompose(
            server ->
                BrokerScript.SEND
                    .script()
                    .<List<String>>run(
                        server.commands(),
                        ScriptOutputType.MULTI,
                        new String[] {names.leases()},
                        server.sharded() ? "SPUBLISH" : "PUBLISH",
                        name,
                        message))
        .whenComplete((_, _) -> metrics.ran(BrokerScript.SEND, nanoTime.getAsLong() - start))
        .exceptionallyCompose(RedisLogs::unavailable);
  }

  // Receiving
  // ---------------------------------------------------------------------------------------

  /**
   * Called on Lettuce's thread.
   *
   * @return false when the name is not one of the bus
   */
  boolean onMessage(String name, String text) {
    if (!name.equals(names.allNodes()) && !name.equals(names.node(self))) {
      return false;
    }
    // Four parts, of which the last may hold anything: time, kind, node, text.
    String[] parts = text.split("\n", 4);
    Clocks known = clocks;
    if (parts.length == 4
        && !parts[2].equals(self)
        && known != null
        && parts[3].length() <= MAX_TEXT) {
      try {
        BusListener listener = listenersByKind.get(Kind.valueOf(parts[1].toUpperCase(Locale.ROOT)));
        long at = Long.parseLong(parts[0]);
        long now = nanoTime.getAsLong();
        if (listener != null) {
          listener.onMessage(
              new BusMessage(
                  parts[2],
                  parts[3],
                  Duration.ofMillis(Math.max(0, known.latest(now) - at)),
                  Duration.ofMillis(Math.max(0, known.earliest(now) - at))));
        }
      } catch (IllegalArgumentException e) {
        // A kind of a later version, or not a text of ours.
        log.debug("A text of another node cannot be read");
      } catch (RuntimeException | Error e) {
        log.error("Processing a text of another node failed", e);
      }
    }
    return true;
  }
}

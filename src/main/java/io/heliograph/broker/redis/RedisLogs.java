package io.heliograph.broker.redis;

import io.heliograph.broker.AtomicPublish;
import io.heliograph.broker.BrokerUnavailableException;
import io.heliograph.broker.LogProperties;
import io.heliograph.broker.ReceiptWish;
import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.History;
import io.heliograph.message.Ids;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import io.heliograph.message.Published;
import io.heliograph.message.Utf8;
import io.heliograph.redis.RedisConnections;
import io.heliograph.redis.RedisConnections.CommandConnection;
import io.lettuce.core.ScriptOutputType;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The logs of all channels, in Redis. Each call is one script. */
final class RedisLogs {

  private static final Logger log = LoggerFactory.getLogger(RedisLogs.class);

  /**
   * A log outlives its last message, so that a client that read that message does not get a gap.
   */
  private static final Duration LOG_OUTLIVES_MESSAGES = Duration.ofHours(1);

  private final RedisConnections connections;
  private final RedisNames names;
  private final LogProperties bounds;
  private final RedisClusterBus bus;
  private final RedisMetrics metrics;

  RedisLogs(
      RedisConnections connections,
      RedisNames names,
      LogProperties bounds,
      RedisClusterBus bus,
      RedisMetrics metrics) {
    this.connections = connections;
    this.names = names;
    this.bounds = bounds;
    this.bus = bus;
    this.metrics = metrics;
  }

  // Publishing ------------------------------------------------------------------------------------

  CompletableFuture<Published> publish(Channel channel, Draft draft, @Nullable ReceiptWish wish) {
    return connections
        .commands()
        .thenCompose(
            server ->
                run(
                    server,
                    BrokerScript.PUBLISH,
                    names.log(channel, draft.once()),
                    arguments(server, channel, draft, wish)))
        .exceptionallyCompose(RedisLogs::unavailable)
        .thenApply(
            answer ->
                new Published(
                    (String) answer.get(0),
                    position(answer.get(1), answer.get(2)),
                    Math.toIntExact((Long) answer.get(3)),
                    (Long) answer.get(4) == 1));
  }

  /** See {@link AtomicPublish#publish}. */
  CompletableFuture<Boolean> publish(Channel channel, Draft draft, AtomicPublish.Change change) {
    return connections
        .commands()
        .thenCompose(
            server ->
                run(
                    server,
                    BrokerScript.CHANGE_AND_PUBLISH,
                    append(names.log(channel), names.beside(channel, change.name())),
                    append(
                        arguments(server, channel, draft, null),
                        change.from(),
                        change.to(),
                        millis(change.deadline()),
                        millis(change.deleteAt()),
                        change.text(),
                        change.late() ? "1" : "0")))
        .exceptionallyCompose(RedisLogs::unavailable)
        .thenApply(answer -> answer.size() > 1);
  }

  private static String millis(@Nullable Instant time) {
    return time == null ? "" : Long.toString(time.toEpochMilli());
  }

  /** The arguments of publish.lua, from the seventh on. */
  private String[] arguments(
      CommandConnection server, Channel channel, Draft draft, @Nullable ReceiptWish wish) {
    int bytes = Utf8.length(draft.data()) + draft.event().length();
    return new String[] {
      draft.id(),
      MessageCodec.of(draft),
      Integer.toString(bytes),
      draft.ttl() == null ? "0" : Long.toString(Math.max(1, draft.ttl().toMillis())),
      draft.key() == null ? "" : draft.key(),
      server.sharded() ? "SPUBLISH" : "PUBLISH",
      names.announcements(channel),
      Long.toString(Math.max(1, draft.rememberFor().toMillis())),
      wish == null ? "" : wish.node() + ':' + wish.within().toMillis()
    };
  }

  private static String[] append(String[] first, String... then) {
    String[] all = Arrays.copyOf(first, first.length + then.length);
    System.arraycopy(then, 0, all, first.length, then.length);
    return all;
  }

  // Reading ---------------------------------------------------------------------------------------

  /** From the oldest message that the log has. */
  CompletableFuture<History> all(Channel channel, int limit) {
    return page(channel, limit, "all", "", "0");
  }

  CompletableFuture<History> since(Channel channel, Position since, int limit) {
    return page(channel, limit, "since", since.epoch(), Long.toString(since.offset()));
  }

  CompletableFuture<History> undelivered(Channel channel, int limit) {
    return page(channel, limit, "undelivered", "", "0");
  }

  CompletableFuture<Position> head(Channel channel) {
    return all(channel, 0).thenApply(History::head);
  }

  private CompletableFuture<History> page(
      Channel channel, int limit, String mode, String epoch, String offset) {
    return connections
        .commands()
        .thenCompose(
            server ->
                run(
                    server,
                    BrokerScript.HISTORY,
                    names.log(channel),
                    mode,
                    epoch,
                    offset,
                    Integer.toString(limit)))
        .exceptionallyCompose(RedisLogs::unavailable)
        .thenApply(answer -> history(channel, answer));
  }

  private History history(Channel channel, List<Object> answer) {
    Position head = position(answer.get(0), answer.get(1));
    boolean complete = (Long) answer.get(3) == 1;
    onUnreadable((Long) answer.get(4), "entry", channel);
    List<Message> messages = new ArrayList<>((answer.size() - 5) / 2);
    for (int i = 5; i < answer.size(); i += 2) {
      try {
        messages.add(
            MessageCodec.parse(
                (String) answer.get(i + 1), channel, position(answer.get(0), answer.get(i))));
      } catch (IllegalArgumentException e) {
        // Written by a node of a later version or by another program.
        onUnreadable(1, "entry", channel);
        complete = false;
      }
    }
    return new History(messages, position(answer.get(0), answer.get(2)), head, complete);
  }

  /**
   * @param what {@code entry} or {@code announcement}
   */
  void onUnreadable(long count, String what, Channel channel) {
    if (count > 0 && metrics.unreadable(what, count)) {
      log.warn(
          "An {} on a {} channel in Redis cannot be read and is skipped; does another program write"
              + " to keys that begin with heliograph.redis.prefix?",
          what,
          channel.kind().tag());
    }
  }

  // Delivered offsets -----------------------------------------------------------------------------

  /** Never fails: a position that is not stored makes a user's next session get a message again. */
  CompletableFuture<?> storeDelivered(Channel channel, Position position) {
    if (!connections.isUp()) {
      return CompletableFuture.completedFuture(null);
    }
    return connections
        .commands()
        .thenCompose(
            server ->
                BrokerScript.DELIVERED
                    .script()
                    .<Object>run(
                        server.commands(),
                        ScriptOutputType.INTEGER,
                        new String[] {names.log(channel)[0]},
                        position.epoch(),
                        Long.toString(position.offset())))
        .exceptionally(
            failure -> {
              log.debug("A delivered offset was not stored", failure);
              return "lost";
            });
  }

  // Running scripts -------------------------------------------------------------------------------

  /** Runs a script on a channel's log; the first six arguments are the same for all. */
  private CompletableFuture<List<Object>> run(
      CommandConnection server, BrokerScript script, String[] keys, String... arguments) {
    if (server.cluster() && !bus.firstLease().isDone()) {
      return bus.firstLease()
          .copy()
          .orTimeout(connections.timeout().toNanos(), TimeUnit.NANOSECONDS)
          .thenCompose(_ -> run(server, script, keys, arguments));
    }
    String[] all = new String[6 + arguments.length];
    all[0] = Ids.random(9);
    all[1] = Long.toString(bounds.maxAge().plus(LOG_OUTLIVES_MESSAGES).toMillis());
    all[2] = Long.toString(bounds.maxAge().toMillis());
    all[3] = Integer.toString(bounds.maxMessages());
    all[4] = Long.toString(bounds.maxBytes().toBytes());
    all[5] = server.cluster() ? bus.generation() : '@' + names.generation();
    System.arraycopy(arguments, 0, all, 6, arguments.length);
    long start = System.nanoTime();
    return script
        .script()
        .<List<Object>>run(server.commands(), ScriptOutputType.MULTI, keys, all)
        .toCompletableFuture()
        .whenComplete((_, _) -> metrics.ran(script, System.nanoTime() - start));
  }

  static <T> CompletableFuture<T> unavailable(Throwable failure) {
    Throwable root = RedisConnections.rootOf(failure);
    log.debug("A Redis command failed", root);
    return CompletableFuture.failedFuture(
        new BrokerUnavailableException("Redis did not answer, or answered with an error", root));
  }

  private static Position position(Object epoch, Object offset) {
    return new Position((String) epoch, Long.parseLong((String) offset));
  }
}

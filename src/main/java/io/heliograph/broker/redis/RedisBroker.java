package io.heliograph.broker.redis;

import io.heliograph.broker.Broker;
import io.heliograph.broker.BrokerListener;
import io.heliograph.broker.BrokerUnavailableException;
import io.heliograph.broker.ClusterBus;
import io.heliograph.broker.LogProperties;
import io.heliograph.broker.ReceiptWish;
import io.heliograph.concurrent.Background;
import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.History;
import io.heliograph.message.Ids;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import io.heliograph.message.Published;
import io.lettuce.core.AbstractRedisClient;
import io.lettuce.core.ScriptOutputType;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The broker of many nodes. Each channel's log is in Redis; one script appends and announces, and
 * every node with a session that follows the channel receives the announcement. Nothing blocks or
 * waits longer than its time-out: while Redis is away every call fails with {@link
 * BrokerUnavailableException}, and subscriptions made meanwhile are made in Redis as soon as it is
 * back.
 */
final class RedisBroker implements Broker, AtomicPublish, AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(RedisBroker.class);

  /**
   * A log outlives its last message, so that a client that read that message is not told of a loss.
   */
  private static final Duration LOG_OUTLIVES_MESSAGES = Duration.ofHours(1);

  private static final Duration BETWEEN_REPAIRS = Duration.ofMillis(500);
  private static final Duration BETWEEN_MARKS = Duration.ofMillis(200);

  /** Channels per subscribe command when all are subscribed again. */
  private static final int CHANNELS_A_COMMAND = 500;

  private final LogProperties bounds;
  private final Clock clock;
  private final RedisNames names;
  private final RedisMetrics metrics;
  private final RedisConnections connections;
  private final SubscribedChannels followed = new SubscribedChannels();
  private final DeliveredOffsets marks = new DeliveredOffsets(this::sendMark);
  private final HeadCheck headCheck;
  private final RedisClusterBus bus;
  private final AtomicBoolean interrupted = new AtomicBoolean();
  private volatile @Nullable BrokerListener listener;

  private final ScheduledExecutorService scheduler =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().name("heliograph-redis").daemon().unstarted(task));

  RedisBroker(
      AbstractRedisClient client,
      StaleConnectionCloser closer,
      RedisBrokerProperties properties,
      LogProperties bounds,
      Clock clock,
      MeterRegistry meters) {
    this.bounds = bounds;
    this.clock = clock;
    this.names = new RedisNames(properties.prefix());
    this.connections =
        new RedisConnections(
            client,
            properties.timeout(),
            scheduler,
            this::onAnnounced,
            this::onHearingAgain,
            this::onReconnect,
            closer::hangUp);
    this.metrics = new RedisMetrics(meters, connections::isUp, System::nanoTime);
    this.headCheck =
        new HeadCheck(
            followed, properties.headCheck(), scheduler, this::checkedHead, this::onUnheard);
    this.bus =
        new RedisClusterBus(connections, names, properties.lease(), metrics, System::nanoTime);
  }

  ClusterBus bus() {
    return bus;
  }

  RedisConnections connections() {
    return connections;
  }

  @Override
  public void start(BrokerListener newListener) {
    listener = newListener;
    connections.open();
    headCheck.start();
    Runnable beat = Background.guarded("Renewing this node's lease", bus::beat);
    scheduler.execute(beat);
    every(bus.period(), beat);
    every(BETWEEN_MARKS, Background.guarded("Storing delivered offsets", marks::flush));
    every(BETWEEN_REPAIRS, Background.guarded("Repairing subscriptions", this::repair));
  }

  private void every(Duration period, Runnable task) {
    scheduler.scheduleWithFixedDelay(
        task, period.toMillis(), period.toMillis(), TimeUnit.MILLISECONDS);
  }

  // The log ---------------------------------------------------------------------------------------

  @Override
  public CompletableFuture<Published> publish(
      Channel channel, Draft draft, @Nullable ReceiptWish wish) {
    return connections
        .asking()
        .thenCompose(
            asking ->
                ask(
                    asking,
                    Script.PUBLISH,
                    names.log(channel, draft.once()),
                    publishing(asking, channel, draft, wish)))
        .exceptionallyCompose(RedisBroker::unavailable)
        .thenApply(
            answer ->
                new Published(
                    (String) answer.get(0),
                    position(answer.get(1), answer.get(2)),
                    Math.toIntExact((Long) answer.get(3)),
                    (Long) answer.get(4) == 1));
  }

  private String[] publishing(
      RedisConnections.CommandConnection asking,
      Channel channel,
      Draft draft,
      @Nullable ReceiptWish wish) {
    int bytes = utf8Length(draft.data()) + draft.event().length();
    return new String[] {
      draft.id(),
      MessageCodec.of(draft),
      Integer.toString(bytes),
      draft.ttl() == null ? "0" : Long.toString(Math.max(1, draft.ttl().toMillis())),
      draft.key() == null ? "" : draft.key(),
      asking.sharded() ? "SPUBLISH" : "PUBLISH",
      names.announcements(channel),
      Long.toString(Math.max(1, draft.rememberFor().toMillis())),
      wish == null ? "" : wish.node() + ':' + wish.within().toMillis()
    };
  }

  @Override
  public CompletableFuture<Boolean> publish(
      Channel channel, Draft draft, Change change, String key, List<String> arguments) {
    String[] keys = append(names.log(channel), names.announcements(channel) + ':' + key);
    return connections
        .asking()
        .thenCompose(
            asking ->
                ask(
                    asking,
                    Script.PUBLISH,
                    change.lua,
                    keys,
                    append(
                        publishing(asking, channel, draft, null),
                        arguments.toArray(String[]::new))))
        .exceptionallyCompose(RedisBroker::unavailable)
        .thenApply(answer -> answer.size() > 1);
  }

  private static String[] append(String[] first, String... then) {
    String[] all = Arrays.copyOf(first, first.length + then.length);
    System.arraycopy(then, 0, all, first.length, then.length);
    return all;
  }

  @Override
  public CompletableFuture<History> history(Channel channel, @Nullable Position since, int limit) {
    if (since == null) {
      return read(channel, limit, "all", "", "0");
    }
    Position from = since.isWithoutLog() ? followed.withoutLogSince(channel, since) : since;
    return read(channel, limit, "since", from.epoch(), Long.toString(from.offset()));
  }

  @Override
  public CompletableFuture<History> undelivered(Channel channel, int limit) {
    return marks.flush(channel).thenCompose(_ -> read(channel, limit, "undelivered", "", "0"));
  }

  @Override
  public CompletableFuture<Position> head(Channel channel) {
    return read(channel, 0, "all", "", "0").thenApply(History::head);
  }

  /** Not recorded as read, because the check compares it with what was announced. */
  private CompletableFuture<Position> checkedHead(Channel channel) {
    return page(channel, 0, "all", "", "0").thenApply(History::head);
  }

  private CompletableFuture<History> read(
      Channel channel, int limit, String mode, String epoch, String offset) {
    return page(channel, limit, mode, epoch, offset)
        .thenApply(
            history -> {
              followed.onRead(channel, history.head());
              return history;
            });
  }

  private CompletableFuture<History> page(
      Channel channel, int limit, String mode, String epoch, String offset) {
    return connections
        .asking()
        .thenCompose(
            asking ->
                ask(
                    asking,
                    Script.HISTORY,
                    names.log(channel),
                    mode,
                    epoch,
                    offset,
                    Integer.toString(limit)))
        .exceptionallyCompose(RedisBroker::unavailable)
        .thenApply(answer -> history(channel, answer));
  }

  private History history(Channel channel, List<Object> answer) {
    Position head = position(answer.get(0), answer.get(1));
    boolean complete = (Long) answer.get(3) == 1;
    unreadable((Long) answer.get(4), "entry", channel);
    List<Message> messages = new ArrayList<>((answer.size() - 5) / 2);
    for (int i = 5; i < answer.size(); i += 2) {
      try {
        messages.add(
            MessageCodec.parse(
                (String) answer.get(i + 1), channel, position(answer.get(0), answer.get(i))));
      } catch (IllegalArgumentException e) {
        // Written by a node of a later version or by another program.
        unreadable(1, "entry", channel);
        complete = false;
      }
    }
    return new History(messages, position(answer.get(0), answer.get(2)), head, complete);
  }

  private void unreadable(long count, String what, Channel channel) {
    if (count > 0 && metrics.unreadable(what, count)) {
      log.warn(
          "An {} on a {} channel in Redis cannot be read and is skipped; does another program write"
              + " to keys that begin with heliograph.redis.prefix?",
          what,
          channel.kind().tag());
    }
  }

  @Override
  public void markDelivered(Channel channel, Position position) {
    marks.add(channel, position);
  }

  private CompletableFuture<?> sendMark(Channel channel, Position mark) {
    if (!connections.isUp()) {
      return CompletableFuture.completedFuture(null);
    }
    return connections
        .asking()
        .thenCompose(
            asking ->
                Script.DELIVERED
                    .lua()
                    .<Object>run(
                        asking.commands(),
                        ScriptOutputType.INTEGER,
                        new String[] {names.log(channel)[0]},
                        mark.epoch(),
                        Long.toString(mark.offset())))
        .exceptionally(
            failure -> {
              log.debug("A delivered mark was not stored", failure);
              return "lost";
            });
  }

  /** Runs a script on a channel's log; the first arguments are the same for all. */
  private CompletableFuture<List<Object>> ask(
      RedisConnections.CommandConnection asking,
      Script script,
      String[] keys,
      String... arguments) {
    return ask(asking, script, script.lua(), keys, arguments);
  }

  private CompletableFuture<List<Object>> ask(
      RedisConnections.CommandConnection asking,
      Script measured,
      Lua lua,
      String[] keys,
      String... arguments) {
    if (asking.cluster() && !bus.firstLease().isDone()) {
      return bus.firstLease()
          .copy()
          .orTimeout(connections.timeout().toNanos(), TimeUnit.NANOSECONDS)
          .thenCompose(_ -> ask(asking, measured, lua, keys, arguments));
    }
    String[] all = new String[6 + arguments.length];
    all[0] = Ids.random(9);
    all[1] = Long.toString(bounds.maxAge().plus(LOG_OUTLIVES_MESSAGES).toMillis());
    all[2] = Long.toString(bounds.maxAge().toMillis());
    all[3] = Integer.toString(bounds.maxMessages());
    all[4] = Long.toString(bounds.maxBytes().toBytes());
    all[5] = asking.cluster() ? bus.generation() : '@' + names.generation();
    System.arraycopy(arguments, 0, all, 6, arguments.length);
    long start = System.nanoTime();
    return lua.<List<Object>>run(asking.commands(), ScriptOutputType.MULTI, keys, all)
        .toCompletableFuture()
        .whenComplete((_, _) -> metrics.ran(measured, System.nanoTime() - start));
  }

  static <T> CompletableFuture<T> unavailable(Throwable failure) {
    Throwable root = RedisConnections.rootOf(failure);
    log.debug("A Redis command failed", root);
    return CompletableFuture.failedFuture(
        new BrokerUnavailableException("Redis did not answer, or answered with an error", root));
  }

  // Announcements ---------------------------------------------------------------------------------

  @Override
  public CompletableFuture<Void> subscribe(Channel channel) {
    followed.add(channel);
    return connections
        .subscribe(List.of(names.announcements(channel)))
        .exceptionallyCompose(RedisBroker::unavailable)
        .thenRun(() -> followed.confirmed(List.of(channel)));
  }

  @Override
  public void unsubscribe(Channel channel) {
    followed.remove(channel);
    // While Redis is away there is no subscription to end. A message that arrives anyway finds no
    // subscriber.
    Background.onFailure(
        "Unsubscribing a channel",
        connections.unsubscribe(List.of(names.announcements(channel))),
        failure -> log.debug("A channel could not be unsubscribed", failure));
  }

  /** On Lettuce's thread. */
  private void onAnnounced(String name, String text) {
    if (bus.onAnnouncement(name, text)) {
      return;
    }
    Channel channel = names.announced(name);
    BrokerListener current = listener;
    if (channel == null || current == null || !followed.contains(channel)) {
      return;
    }
    Announcement announcement;
    try {
      announcement = Announcement.parse(text, channel);
    } catch (IllegalArgumentException | IndexOutOfBoundsException e) {
      // If it stands for a message, the check of heads finds that.
      unreadable(1, "announcement", channel);
      return;
    }
    metrics.heard(clock.millis() - announcement.redisMillis());
    followed.onHeard(channel, announcement.message().position());
    try {
      if (announcement.wish() == null) {
        current.onMessage(announcement.message());
      } else {
        current.onMessage(announcement.message(), announcement.wish());
      }
    } catch (RuntimeException | Error e) {
      // The message is in the log, where the subscriptions that it did not reach find it.
      log.error("Announcing a message on a {} channel failed", channel.kind().tag(), e);
    }
  }

  /**
   * What publish.lua announces.
   *
   * @param redisMillis Redis's time when it was announced
   */
  private record Announcement(Message message, long redisMillis, @Nullable ReceiptWish wish) {

    static Announcement parse(String text, Channel channel) {
      int end = text.indexOf('\n');
      String[] head = text.substring(0, end).split(":");
      Message message =
          MessageCodec.parse(text.substring(end + 1), channel, position(head[0], head[1]));
      ReceiptWish wish =
          head.length < 5
              ? null
              : new ReceiptWish(head[3], Duration.ofMillis(Long.parseLong(head[4])));
      return new Announcement(message, Long.parseLong(head[2]), wish);
    }
  }

  private void onReconnect() {
    metrics.reconnected();
    bus.beat();
  }

  private void onHearingAgain() {
    followed.doubt();
    interrupted.set(true);
    bus.onHearingAgain();
    repair();
  }

  private void onUnheard(Channel channel, Position head) {
    BrokerListener current = listener;
    if (current != null && followed.contains(channel)) {
      metrics.unheard();
      followed.reset(channel, head);
      followed.doubt(channel);
      current.onInterruption(channel);
    }
  }

  /** Subscribes the channels that Redis has not confirmed, then has their logs read. */
  private void repair() {
    List<Channel> missing = followed.unconfirmed();
    boolean all = interrupted.get();
    if (!connections.hadContact() || (missing.isEmpty() && !all)) {
      return;
    }
    List<CompletableFuture<Void>> chunks = new ArrayList<>();
    for (int i = 0; i < missing.size(); i += CHANNELS_A_COMMAND) {
      List<Channel> chunk = missing.subList(i, Math.min(missing.size(), i + CHANNELS_A_COMMAND));
      chunks.add(
          connections
              .subscribe(chunk.stream().map(names::announcements).toList())
              .thenRun(() -> onResubscribed(chunk, all)));
    }
    Background.onCompletion(
        "Recovering after an interruption",
        CompletableFuture.allOf(chunks.toArray(CompletableFuture<?>[]::new)),
        (_, failure) -> {
          if (failure != null) {
            // The next repair tries again.
            log.debug("Channels could not be subscribed again", failure);
            return;
          }
          BrokerListener current = listener;
          if (all && interrupted.compareAndSet(true, false) && current != null) {
            current.onInterruption();
          }
        });
  }

  private void onResubscribed(List<Channel> channels, boolean all) {
    metrics.resubscribed(channels.size());
    followed.confirmed(channels);
    BrokerListener current = listener;
    for (Channel channel : channels) {
      if (!followed.contains(channel)) {
        // It was unsubscribed meanwhile.
        unsubscribe(channel);
      } else if (!all && current != null) {
        current.onInterruption(channel);
      }
    }
  }

  @Override
  public void close() {
    marks.flush();
    bus.leave();
    scheduler.shutdownNow();
    connections.close();
  }

  private static Position position(Object epoch, Object offset) {
    return new Position((String) epoch, Long.parseLong((String) offset));
  }

  private static int utf8Length(String text) {
    return text.getBytes(StandardCharsets.UTF_8).length;
  }
}

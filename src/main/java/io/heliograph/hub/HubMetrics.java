package io.heliograph.hub;

import io.heliograph.message.Channel;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import io.heliograph.session.CloseReason;
import io.heliograph.session.Session;
import io.heliograph.session.SessionListener;
import io.heliograph.session.Subscription;
import io.heliograph.session.TransportInfo;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.TimeGauge;
import io.micrometer.core.instrument.Timer;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.LongStream;

/**
 * The meters of the hub, all named here; a test compares the table in docs/operations.md with them.
 */
final class HubMetrics implements SessionListener {

  /** Few, because each delivered copy searches them, and each is a time series on every node. */
  private static final Duration[] BUCKETS =
      LongStream.of(1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 30_000)
          .mapToObj(Duration::ofMillis)
          .toArray(Duration[]::new);

  private final MeterRegistry meters;
  private final Clock clock;
  private final Map<Tags, AtomicInteger> sessionsByTransport = new ConcurrentHashMap<>();

  /** As what sessions are counted whose transport may change, as from polls to a WebSocket. */
  private final Map<Session, TransportInfo> countedAs = new ConcurrentHashMap<>();

  private final Map<Channel.Kind, AtomicInteger> subscriptionsByKind =
      new EnumMap<>(Channel.Kind.class);
  private final Map<Channel.Kind, Counter> publishedByKind = new EnumMap<>(Channel.Kind.class);
  private final Map<CloseReason, Counter> closesByReason = new EnumMap<>(CloseReason.class);
  private final Counter failed;
  private final Counter written;
  private final Counter recovered;
  private final Counter gaps;
  private final Counter unsendable;
  private final Counter overflows;
  private final Counter noRoom;
  private final Timer delivery;
  private final Timer acknowledgement;

  HubMetrics(MeterRegistry meters, Clock clock) {
    this.meters = meters;
    this.clock = clock;
    // Registered at start, so that a node without sessions shows 0.
    sessions(Tags.of("protocol", "heliograph", "transport", "websocket"));
    for (Channel.Kind kind : Channel.Kind.values()) {
      AtomicInteger subscriptions = new AtomicInteger();
      subscriptionsByKind.put(kind, subscriptions);
      Gauge.builder("heliograph.subscriptions", subscriptions, AtomicInteger::get)
          .description("Subscriptions of the sessions on this node")
          .tag("kind", kind.tag())
          .register(meters);
      publishedByKind.put(
          kind,
          Counter.builder("heliograph.messages.published")
              .description("Messages published through this node")
              .tag("kind", kind.tag())
              .register(meters));
    }
    for (CloseReason reason : CloseReason.values()) {
      closesByReason.put(
          reason,
          Counter.builder("heliograph.closes")
              .description("Sessions that ended")
              .tag("reason", reason.tag())
              .register(meters));
    }
    failed =
        counter(
            "heliograph.messages.failed", "Publishes that the broker did not accept: answered 503");
    written =
        counter(
            "heliograph.messages.written", "Messages written to connections, counted per session");
    recovered =
        counter("heliograph.messages.recovered", "Of those, the ones that were read from the log");
    gaps = counter("heliograph.gaps", "Gap notices sent to sessions");
    unsendable =
        counter(
            "heliograph.messages.unsendable",
            "Messages that a codec refused: their subscribers were sent a gap");
    overflows =
        counter(
            "heliograph.queue.overflows",
            "Queues of slow consumers that were dropped; their sessions recover from the log");
    noRoom =
        counter(
            "heliograph.subscriptions.refused",
            "Subscriptions refused because the session has too many");
    delivery =
        Timer.builder("heliograph.delivery")
            .description(
                "From accepting a publish to writing it to a connection, for announced messages")
            .serviceLevelObjectives(BUCKETS)
            .register(meters);
    acknowledgement =
        Timer.builder("heliograph.acknowledgement")
            .description("From accepting a publish to its acknowledgement")
            .serviceLevelObjectives(BUCKETS)
            .register(meters);
  }

  private Counter counter(String name, String description) {
    return Counter.builder(name).description(description).register(meters);
  }

  void limit(int maxPerNode) {
    Gauge.builder("heliograph.sessions.limit", () -> maxPerNode)
        .description("The maximum number of sessions on this node")
        .register(meters);
  }

  void slow(Collection<Session> slow) {
    // By a supplier, which the meter holds: the collection is a view that has no other owner.
    Gauge.builder("heliograph.sessions.slow", slow::size)
        .description("Sessions with a write in progress")
        .register(meters);
  }

  /** Zero unless the node is draining. */
  static void drain(MeterRegistry meters, Drain drain) {
    TimeGauge.builder(
            "heliograph.drain.time", drain, TimeUnit.NANOSECONDS, it -> it.time().toNanos())
        .description("How long this node has been draining")
        .register(meters);
  }

  private AtomicInteger sessions(TransportInfo transport) {
    return sessions(Tags.of("protocol", transport.protocol(), "transport", transport.kind()));
  }

  private AtomicInteger sessions(Tags transport) {
    return sessionsByTransport.computeIfAbsent(
        transport,
        tags -> {
          AtomicInteger sessions = new AtomicInteger();
          Gauge.builder("heliograph.sessions", sessions, AtomicInteger::get)
              .description("Sessions on this node")
              .tags(tags)
              .register(meters);
          return sessions;
        });
  }

  @Override
  public void onConnected(Session session) {
    TransportInfo info = session.transport().info();
    sessions(info).incrementAndGet();
    if (info.detachable()) {
      countedAs.put(session, info);
    }
  }

  @Override
  public void onTransportChanged(Session session) {
    countedAs.computeIfPresent(
        session,
        (_, before) -> {
          TransportInfo now = session.transport().info();
          sessions(before).decrementAndGet();
          sessions(now).incrementAndGet();
          return now;
        });
  }

  @Override
  public void onEnded(Session session, CloseReason reason) {
    TransportInfo info = countedAs.remove(session);
    sessions(info != null ? info : session.transport().info()).decrementAndGet();
    closed(reason);
  }

  /** Counts a close, also of a connection that became no session. */
  void closed(CloseReason reason) {
    Counter closes = closesByReason.get(reason);
    if (closes != null) {
      closes.increment();
    }
  }

  @Override
  public void onSubscribed(Subscription subscription) {
    subscriptions(subscription, 1);
  }

  @Override
  public void onUnsubscribed(Subscription subscription) {
    subscriptions(subscription, -1);
  }

  private void subscriptions(Subscription subscription, int change) {
    AtomicInteger subscriptions = subscriptionsByKind.get(subscription.channel().kind());
    if (subscriptions != null) {
      subscriptions.addAndGet(change);
    }
  }

  @Override
  public void onWritten(Session session, Message message, boolean live) {
    written.increment();
    if (live) {
      TraceExemplars.record(delivery, since(message.time()), message.trace());
    } else {
      recovered.increment();
    }
  }

  @Override
  public void onAcknowledged(Subscription subscription, Position position) {
    Instant accepted = subscription.acceptedAt(position);
    if (accepted != null) {
      acknowledgement.record(since(accepted));
    }
  }

  @Override
  public void onOverflow(Session session) {
    overflows.increment();
  }

  @Override
  public void onUnsendable(Session session, Message message, Throwable refusal) {
    gap();
  }

  private Duration since(Instant accepted) {
    Duration passed = Duration.between(accepted, clock.instant());
    return passed.isNegative() ? Duration.ZERO : passed;
  }

  void published(Channel channel) {
    Counter published = publishedByKind.get(channel.kind());
    if (published != null) {
      published.increment();
    }
  }

  void failed() {
    failed.increment();
  }

  void gap() {
    gaps.increment();
  }

  /** A message that a codec refused, once for all its subscribers. */
  void unsendable() {
    unsendable.increment();
  }

  void noRoom() {
    noRoom.increment();
  }
}

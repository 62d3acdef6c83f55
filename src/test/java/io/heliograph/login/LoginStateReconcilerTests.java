package io.heliograph.login;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.broker.Broker;
import io.heliograph.broker.LogProperties;
import io.heliograph.broker.memory.MemoryBrokers;
import io.heliograph.hub.ChannelRight;
import io.heliograph.hub.HubParts;
import io.heliograph.login.TicketEvent.Cancel;
import io.heliograph.login.store.MemoryTicketStore;
import io.heliograph.message.Channel;
import io.heliograph.session.Identity;
import io.heliograph.session.Session;
import io.heliograph.support.HubOfTests;
import io.heliograph.support.ManualClock;
import io.heliograph.support.RecordingTransport;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;
import tools.jackson.databind.json.JsonMapper;

/** The periodic comparison with the store, step by step. */
class LoginStateReconcilerTests {

  private final ManualClock clock = new ManualClock();
  private final JsonMapper json = new JsonMapper();
  private final CountedStore store = new CountedStore(new MemoryTicketStore(clock, 10_000));
  private final Broker broker =
      MemoryBrokers.with(
          new LogProperties(
              100, DataSize.ofMegabytes(1), Duration.ofHours(1), DataSize.ofMegabytes(8)),
          clock);
  private final LoginSubscriptions logins = new LoginSubscriptions(json);
  private final HubParts parts =
      HubOfTests.on(broker, DataSize.ofKilobytes(64), clock, () -> 0, logins);
  private final Tickets life =
      new Tickets(
          store,
          TicketFixtures.RULES,
          (_, _) -> {
            throw new IllegalStateException("nothing is announced");
          },
          json,
          new SimpleMeterRegistry(),
          100);
  private final LoginStatePublisher pushes =
      new LoginStatePublisher(parts.publisher(), json, clock);
  private long nanos = 1_000_000_000_000L;
  private final LoginStateReconciler rounds =
      new LoginStateReconciler(logins, parts.subscriptions(), life, pushes, () -> nanos);

  LoginStateReconcilerTests() {
    parts.start();
  }

  @AfterEach
  void stop() {
    parts.stop();
  }

  private record Subscribed(Ticket ticket, RecordingTransport transport, Session session) {}

  private Subscribed subscribed() {
    Ticket ticket = TicketFixtures.issued(clock.instant());
    assertThat(life.begin(ticket)).isTrue();
    RecordingTransport transport = new RecordingTransport();
    Session session = Objects.requireNonNull(parts.hub().connect(transport, Identity.ANONYMOUS));
    String state = json.writeValueAsString(LoginSnapshot.of(ticket, clock.instant()));
    parts
        .subscriptions()
        .subscribe(
            session,
            "1",
            new Channel.Login(ticket.id()),
            null,
            new ChannelRight(null, () -> CompletableFuture.completedFuture(state)));
    return new Subscribed(ticket, transport, session);
  }

  private void step(int steps) {
    nanos += steps * LoginStateReconciler.STEP.toNanos();
    rounds.step();
  }

  private void round() {
    for (int i = 0; i < LoginStateReconciler.STEPS; i++) {
      step(1);
    }
  }

  private static long deliveries(Subscribed subscribed) {
    return subscribed.transport.frames().stream()
        .filter(each -> each.endsWith("login.state"))
        .count();
  }

  @Test
  void eachLoginIsReadOncePerRoundAndReadsAreSpread() {
    List<Subscribed> all = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      all.add(subscribed());
    }
    int most = 0;
    for (int i = 0; i < LoginStateReconciler.STEPS; i++) {
      int before = store.reads();
      step(1);
      most = Math.max(most, store.reads() - before);
    }
    assertThat(all).allSatisfy(each -> assertThat(store.readsOf(each.ticket)).isOne());
    assertThat(most).as("at most a twentieth of the logins per step").isLessThan(50);
  }

  @Test
  void twoSubscribersOfOneLoginCostOneRead() {
    Subscribed one = subscribed();
    String state = json.writeValueAsString(LoginSnapshot.of(one.ticket, clock.instant()));
    Session other =
        Objects.requireNonNull(
            parts.hub().connect(new RecordingTransport(), one.session.identity()));
    parts
        .subscriptions()
        .subscribe(
            other,
            "1",
            new Channel.Login(one.ticket.id()),
            null,
            new ChannelRight(null, () -> CompletableFuture.completedFuture(state)));
    round();
    assertThat(store.readsOf(one.ticket)).isOne();
  }

  @Test
  void aLateStepReadsNoLoginTwice() {
    Subscribed subscribed = subscribed();
    step(10_000);
    assertThat(store.readsOf(subscribed.ticket)).isOne();
    step(0);
    assertThat(store.readsOf(subscribed.ticket)).isOne();
    round();
    assertThat(store.readsOf(subscribed.ticket)).isEqualTo(2);
  }

  /** Cases 78 and 81. */
  @Test
  void anUnpublishedStateIsDeliveredOnceWithinARoundAndNotLogged() {
    Subscribed subscribed = subscribed();
    assertThat(life.apply(subscribed.ticket.id(), TicketFixtures.scan("alice"))).isPresent();
    assertThat(deliveries(subscribed)).isZero();
    round();
    assertThat(deliveries(subscribed)).isOne();
    round();
    assertThat(deliveries(subscribed)).isOne();
    Channel channel = new Channel.Login(subscribed.ticket.id());
    assertThat(broker.head(channel).join().offset()).isZero();
  }

  @Test
  void anUnsweptExpiryIsDeliveredAndTheTicketNotReadAgain() {
    Subscribed subscribed = subscribed();
    clock.advanceSeconds(120);
    round();
    assertThat(deliveries(subscribed)).isOne();
    assertThat(logins.subscribed()).isEmpty();
    int reads = store.readsOf(subscribed.ticket);
    round();
    assertThat(store.readsOf(subscribed.ticket)).isEqualTo(reads);
  }

  @Test
  void anUnavailableStoreDelaysStatesByARound() {
    Subscribed subscribed = subscribed();
    assertThat(life.apply(subscribed.ticket.id(), new Cancel(EndReason.REPORTED))).isPresent();
    store.away = true;
    round();
    assertThat(deliveries(subscribed)).isZero();
    assertThat(subscribed.session.isOpen()).isTrue();
    store.away = false;
    round();
    assertThat(deliveries(subscribed)).isOne();
  }

  @Test
  void aForgottenLoginIsSkipped() {
    Subscribed subscribed = subscribed();
    store.forgotten = true;
    round();
    assertThat(deliveries(subscribed)).isZero();
    assertThat(logins.subscribed()).hasSize(1);
  }

  /** Counts reads per ticket, and fails on demand. */
  private static final class CountedStore implements TicketStore {

    private final TicketStore store;
    private final Map<String, Integer> readsByTicket = new HashMap<>();
    private boolean away;
    private boolean forgotten;

    CountedStore(TicketStore store) {
      this.store = store;
    }

    int reads() {
      return readsByTicket.values().stream().mapToInt(Integer::intValue).sum();
    }

    int readsOf(Ticket ticket) {
      return readsByTicket.getOrDefault(ticket.id(), 0);
    }

    @Override
    public Instant now() {
      return store.now();
    }

    @Override
    public boolean add(Ticket ticket) {
      return store.add(ticket);
    }

    @Override
    public Optional<Ticket> find(String id) {
      if (away) {
        throw new TicketStoreUnavailableException(null);
      }
      readsByTicket.merge(id, 1, Integer::sum);
      return forgotten ? Optional.empty() : store.find(id);
    }

    @Override
    public boolean replace(Ticket expected, Ticket next) {
      return store.replace(expected, next);
    }

    @Override
    public List<Ticket> lapsed(int limit) {
      return store.lapsed(limit);
    }

    @Override
    public void forget() {
      store.forget();
    }
  }
}

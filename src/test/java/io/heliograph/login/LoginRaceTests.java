package io.heliograph.login;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.login.LoginOutcome.Done;
import io.heliograph.login.TicketEvent.Cancel;
import io.heliograph.login.TicketEvent.Phone;
import io.heliograph.login.TicketEvent.Refresh;
import io.heliograph.login.TicketOutcome.Moved;
import io.heliograph.login.store.MemoryGrantStore;
import io.heliograph.login.store.MemoryTicketStore;
import io.heliograph.login.store.TicketStoreContract;
import io.heliograph.support.ManualClock;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** R7: of concurrent events one wins, and only its state is published. */
class LoginRaceTests {

  private static final int TIMES = 300;
  private static final Phone ALICE = new Phone(null, "alice", false);

  private final ManualClock clock = new ManualClock();
  private final TicketStore store = new MemoryTicketStore(clock, 100);
  private final List<String> published = new CopyOnWriteArrayList<>();
  private final Tickets tickets = newTickets();
  private final PhoneLogins service =
      new PhoneLogins(
          tickets,
          TicketFixtures.grants(tickets, new MemoryGrantStore(clock)),
          new PhoneTokens(null),
          new LoginLimits(
              new LoginProperties.Limits(10, 3, 100, 20, 60, 100, 100), new SimpleMeterRegistry()),
          new DisownedLogins(
              (_, _) -> new CompletableFuture<>(),
              JsonMapper.shared(),
              clock,
              new SimpleMeterRegistry()));

  private Tickets newTickets() {
    return new Tickets(
        store,
        TicketFixtures.RULES,
        (_, state) -> published.add(state),
        JsonMapper.shared(),
        new SimpleMeterRegistry(),
        100);
  }

  private Ticket added(TicketState state) {
    Ticket ticket = TicketFixtures.in(state, clock.instant());
    store.add(ticket);
    return ticket;
  }

  private TicketState stateOf(Ticket ticket) {
    return tickets.find(ticket.id()).orElseThrow().state();
  }

  private long publishedStates(TicketState state) {
    return published.stream().filter(s -> s.contains('"' + state.name() + '"')).count();
  }

  /** Case 54. */
  @RepeatedTest(TIMES)
  void ofConcurrentConfirmAndDenyOneWins() throws InterruptedException {
    Ticket ticket = added(TicketState.SCANNED);
    AtomicReference<LoginOutcome> confirmed = new AtomicReference<>();
    AtomicReference<LoginOutcome> denied = new AtomicReference<>();
    TicketStoreContract.Race.of(
        2,
        i -> {
          if (i == 0) {
            confirmed.set(service.confirm(ticket.id(), ALICE, 42, Place.UNKNOWN));
          } else {
            denied.set(service.deny(ticket.id(), ALICE, false));
          }
        });
    boolean yes = confirmed.get() instanceof Done;
    LoginOutcome lost = (yes ? denied : confirmed).get();
    assertThat(lost)
        .isInstanceOfSatisfying(
            LoginOutcome.Refused.class,
            refused -> assertThat(refused.why()).isEqualTo(yes ? Refusal.IN_USE : Refusal.GONE));
    assertThat(stateOf(ticket)).isEqualTo(yes ? TicketState.CONFIRMED : TicketState.DENIED);
    assertThat(published).hasSize(1);
  }

  /** Case 58. */
  @RepeatedTest(TIMES)
  void ofConcurrentRefreshAndScanOneWins() throws InterruptedException {
    Ticket ticket = added(TicketState.ISSUED);
    AtomicReference<LoginOutcome> scanned = new AtomicReference<>();
    AtomicReference<TicketOutcome> refreshed = new AtomicReference<>();
    TicketStoreContract.Race.of(
        2,
        i -> {
          if (i == 0) {
            scanned.set(service.scanned(ticket.id(), "alice", "app"));
          } else {
            refreshed.set(tickets.apply(ticket.id(), new Refresh(true)).orElseThrow());
          }
        });
    boolean claimed = scanned.get() instanceof Done;
    assertThat(refreshed.get() instanceof Moved).isNotEqualTo(claimed);
    assertThat(stateOf(ticket)).isEqualTo(claimed ? TicketState.SCANNED : TicketState.SUPERSEDED);
  }

  /** Case 55: the browser cancels while the user confirms. */
  @RepeatedTest(TIMES)
  void concurrentConfirmAndCancelArePublishedInOrder() throws InterruptedException {
    Ticket ticket = added(TicketState.SCANNED);
    AtomicReference<LoginOutcome> confirmed = new AtomicReference<>();
    TicketStoreContract.Race.of(
        2,
        i -> {
          if (i == 0) {
            confirmed.set(service.confirm(ticket.id(), ALICE, 42, Place.UNKNOWN));
          } else {
            tickets.apply(ticket.id(), new Cancel(EndReason.CANCELLED_BY_BROWSER));
          }
        });
    assertThat(stateOf(ticket)).isEqualTo(TicketState.CANCELLED);
    assertThat(tickets.apply(ticket.id(), TicketFixtures.exchange()).orElseThrow())
        .isInstanceOfSatisfying(
            TicketOutcome.Refused.class,
            refused -> assertThat(refused.why()).isEqualTo(Refusal.GONE));
    assertThat(publishedStates(TicketState.CANCELLED)).isOne();
    assertThat(published.getLast()).contains("\"CANCELLED\"");
    if (!(confirmed.get() instanceof Done)) {
      assertThat(publishedStates(TicketState.CONFIRMED)).isZero();
    }
  }

  /** Case 55: the browser cancels after the confirmation. */
  @RepeatedTest(TIMES)
  void ofConcurrentCancelAndExchangeOneWins() throws InterruptedException {
    Ticket ticket = added(TicketState.CONFIRMED);
    AtomicReference<TicketOutcome> collected = new AtomicReference<>();
    TicketStoreContract.Race.of(
        2,
        i -> {
          if (i == 0) {
            collected.set(tickets.apply(ticket.id(), TicketFixtures.exchange()).orElseThrow());
          } else {
            tickets.apply(ticket.id(), new Cancel(EndReason.CANCELLED_BY_BROWSER));
          }
        });
    assertThat(stateOf(ticket))
        .isEqualTo(collected.get() instanceof Moved ? TicketState.CONSUMED : TicketState.CANCELLED);
    assertThat(published).hasSize(1);
  }

  /** Case 64: two nodes sweep one store. */
  @RepeatedTest(TIMES)
  void expiryIsPublishedOnceWhenTwoNodesSweep() throws InterruptedException {
    added(TicketState.ISSUED);
    Tickets otherNode = newTickets();
    clock.advanceSeconds(120);
    TicketStoreContract.Race.of(2, i -> (i == 0 ? tickets : otherNode).sweep());
    assertThat(publishedStates(TicketState.EXPIRED)).isOne();
  }

  @RepeatedTest(TIMES)
  void versionsArePublishedInOrder() throws InterruptedException {
    Ticket ticket = added(TicketState.ISSUED);
    TicketStoreContract.Race.of(
        3,
        i -> {
          switch (i) {
            case 0 -> service.scanned(ticket.id(), "alice", "app");
            case 1 -> service.confirmed(ticket.id(), "alice", "app");
            default -> tickets.apply(ticket.id(), new Cancel(EndReason.CANCELLED_BY_BROWSER));
          }
        });
    List<Integer> versions =
        published.stream()
            .map(s -> JsonMapper.shared().readTree(s).path("version").asInt())
            .toList();
    assertThat(versions).isSorted().doesNotHaveDuplicates();
    assertThat(versions.getLast()).isEqualTo(tickets.find(ticket.id()).orElseThrow().version());
  }

  @Test
  void aConfirmationBeforeItsScanConfirms() {
    Ticket ticket = added(TicketState.ISSUED);
    assertThat(service.confirmed(ticket.id(), "alice", "app")).isInstanceOf(Done.class);
    assertThat(stateOf(ticket)).isEqualTo(TicketState.CONFIRMED);
    assertThat(service.scanned(ticket.id(), "alice", "app"))
        .isInstanceOfSatisfying(Done.class, done -> assertThat(done.repeated()).isTrue());
    assertThat(published).hasSize(1);
  }

  @Test
  void aDenialBeforeItsScanDenies() {
    Ticket ticket = added(TicketState.ISSUED);
    assertThat(service.denied(ticket.id(), "alice", "app")).isInstanceOf(Done.class);
    assertThat(stateOf(ticket)).isEqualTo(TicketState.DENIED);
  }

  /** The risk: transitions before the subscription are not visible to the browser. */
  @Test
  void theSnapshotContainsEarlierTransitions() {
    Ticket ticket = added(TicketState.ISSUED);
    service.scanned(ticket.id(), "alice", "app");
    service.confirmed(ticket.id(), "alice", "app");
    assertThat(service.snapshot(ticket.id(), TicketFixtures.WATCH))
        .hasValueSatisfying(s -> assertThat(s.state()).isEqualTo(TicketState.CONFIRMED));
    assertThat(service.snapshot(ticket.id(), "x".repeat(43))).isEqualTo(Optional.empty());
    assertThat(service.snapshot("x".repeat(22), TicketFixtures.WATCH)).isEqualTo(Optional.empty());
  }

  @Test
  void aFailedPublishDoesNotAffectTheTransition() {
    Ticket ticket = added(TicketState.ISSUED);
    Tickets deaf =
        new Tickets(
            store,
            TicketFixtures.RULES,
            (_, _) -> {
              throw new IllegalStateException("the bus is cut");
            },
            JsonMapper.shared(),
            new SimpleMeterRegistry(),
            100);
    assertThat(deaf.apply(ticket.id(), TicketFixtures.scan("alice"))).isPresent();
    assertThat(stateOf(ticket)).isEqualTo(TicketState.SCANNED);
  }

  /** R17. */
  @Test
  void scansPerUserAreLimited() {
    LoginLimits limits =
        new LoginLimits(
            new LoginProperties.Limits(10, 3, 5, 20, 60, 100, 100), new SimpleMeterRegistry());
    for (int i = 0; i < 5; i++) {
      assertThat(limits.mayScan("alice")).isTrue();
    }
    assertThat(limits.mayScan("alice")).isFalse();
    assertThat(limits.mayScan("bob")).isTrue();
  }
}

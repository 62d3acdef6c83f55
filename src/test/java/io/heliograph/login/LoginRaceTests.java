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
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** R7: whoever acts at the same moment, one of them wins, and that is what is told. */
class LoginRaceTests {

  private static final int TIMES = 300;
  private static final Phone ALICE = new Phone(null, "alice", false);

  private final MovableClock clock = new MovableClock();
  private final TicketStore store = new MemoryTicketStore(clock, 100);
  private final List<String> told = new CopyOnWriteArrayList<>();
  private final Tickets life = life();
  private final PhoneLogins service =
      new PhoneLogins(
          life,
          TicketFixtures.grants(life, new MemoryGrantStore(clock)),
          new PhoneTokens(null),
          new LoginLimits(
              new LoginProperties.Limits(10, 3, 100, 20, 60, 100, 100), new SimpleMeterRegistry()),
          new DisownedLogins(
              (_, _) -> new CompletableFuture<>(),
              JsonMapper.shared(),
              clock,
              new SimpleMeterRegistry()));

  private Tickets life() {
    return new Tickets(
        store,
        TicketFixtures.RULES,
        (_, state) -> told.add(state),
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
    return life.find(ticket.id()).orElseThrow().state();
  }

  private long toldOf(TicketState state) {
    return told.stream().filter(s -> s.contains('"' + state.name() + '"')).count();
  }

  /** Case 54. */
  @RepeatedTest(TIMES)
  void ofConfirmAndDenyOneWins() throws InterruptedException {
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
    assertThat(told).hasSize(1);
  }

  /** Case 58. */
  @RepeatedTest(TIMES)
  void ofRefreshAndScanOneWins() throws InterruptedException {
    Ticket ticket = added(TicketState.ISSUED);
    AtomicReference<LoginOutcome> scanned = new AtomicReference<>();
    AtomicReference<TicketOutcome> refreshed = new AtomicReference<>();
    TicketStoreContract.Race.of(
        2,
        i -> {
          if (i == 0) {
            scanned.set(service.scanned(ticket.id(), "alice", "app"));
          } else {
            refreshed.set(life.apply(ticket.id(), new Refresh(true)).orElseThrow());
          }
        });
    boolean claimed = scanned.get() instanceof Done;
    assertThat(refreshed.get() instanceof Moved).isNotEqualTo(claimed);
    assertThat(stateOf(ticket)).isEqualTo(claimed ? TicketState.SCANNED : TicketState.SUPERSEDED);
  }

  /** Case 55: the browser gives up while the phone says yes. */
  @RepeatedTest(TIMES)
  void ofConfirmAndCancelBothAreToldInTheirOrderOrTheCancelAlone() throws InterruptedException {
    Ticket ticket = added(TicketState.SCANNED);
    AtomicReference<LoginOutcome> confirmed = new AtomicReference<>();
    TicketStoreContract.Race.of(
        2,
        i -> {
          if (i == 0) {
            confirmed.set(service.confirm(ticket.id(), ALICE, 42, Place.UNKNOWN));
          } else {
            life.apply(ticket.id(), new Cancel(EndReason.CANCELLED_BY_BROWSER));
          }
        });
    assertThat(stateOf(ticket)).isEqualTo(TicketState.CANCELLED);
    assertThat(life.apply(ticket.id(), TicketFixtures.exchange()).orElseThrow())
        .isInstanceOfSatisfying(
            TicketOutcome.Refused.class,
            refused -> assertThat(refused.why()).isEqualTo(Refusal.GONE));
    assertThat(toldOf(TicketState.CANCELLED)).isOne();
    assertThat(told.getLast()).contains("\"CANCELLED\"");
    if (!(confirmed.get() instanceof Done)) {
      assertThat(toldOf(TicketState.CONFIRMED)).isZero();
    }
  }

  /** Case 55: or when it was confirmed already. */
  @RepeatedTest(TIMES)
  void aCancelledLoginIsNeverCollected() throws InterruptedException {
    Ticket ticket = added(TicketState.CONFIRMED);
    AtomicReference<TicketOutcome> collected = new AtomicReference<>();
    TicketStoreContract.Race.of(
        2,
        i -> {
          if (i == 0) {
            collected.set(life.apply(ticket.id(), TicketFixtures.exchange()).orElseThrow());
          } else {
            life.apply(ticket.id(), new Cancel(EndReason.CANCELLED_BY_BROWSER));
          }
        });
    assertThat(stateOf(ticket))
        .isEqualTo(collected.get() instanceof Moved ? TicketState.CONSUMED : TicketState.CANCELLED);
    assertThat(told).hasSize(1);
  }

  /** Case 64: two nodes sweep one store. */
  @RepeatedTest(TIMES)
  void expiryIsToldOnceHoweverManySweep() throws InterruptedException {
    added(TicketState.ISSUED);
    Tickets otherNode = life();
    clock.advanceSeconds(120);
    TicketStoreContract.Race.of(2, i -> (i == 0 ? life : otherNode).sweep());
    assertThat(toldOf(TicketState.EXPIRED)).isOne();
  }

  @RepeatedTest(TIMES)
  void versionsAreToldInOrder() throws InterruptedException {
    Ticket ticket = added(TicketState.ISSUED);
    TicketStoreContract.Race.of(
        3,
        i -> {
          switch (i) {
            case 0 -> service.scanned(ticket.id(), "alice", "app");
            case 1 -> service.confirmed(ticket.id(), "alice", "app");
            default -> life.apply(ticket.id(), new Cancel(EndReason.CANCELLED_BY_BROWSER));
          }
        });
    List<Integer> versions =
        told.stream().map(s -> JsonMapper.shared().readTree(s).path("version").asInt()).toList();
    assertThat(versions).isSorted().doesNotHaveDuplicates();
    assertThat(versions.getLast()).isEqualTo(life.find(ticket.id()).orElseThrow().version());
  }

  @Test
  void aConfirmationThatOvertakesItsScanConfirms() {
    Ticket ticket = added(TicketState.ISSUED);
    assertThat(service.confirmed(ticket.id(), "alice", "app")).isInstanceOf(Done.class);
    assertThat(stateOf(ticket)).isEqualTo(TicketState.CONFIRMED);
    assertThat(service.scanned(ticket.id(), "alice", "app"))
        .isInstanceOfSatisfying(Done.class, done -> assertThat(done.repeated()).isTrue());
    assertThat(told).hasSize(1);
  }

  @Test
  void aRefusalThatOvertakesItsScanDenies() {
    Ticket ticket = added(TicketState.ISSUED);
    assertThat(service.denied(ticket.id(), "alice", "app")).isInstanceOf(Done.class);
    assertThat(stateOf(ticket)).isEqualTo(TicketState.DENIED);
  }

  /** What happened before anybody listened is in the snapshot. */
  @Test
  void theSnapshotTellsWhatHappenedBeforeTheSocket() {
    Ticket ticket = added(TicketState.ISSUED);
    service.scanned(ticket.id(), "alice", "app");
    service.confirmed(ticket.id(), "alice", "app");
    assertThat(service.snapshot(ticket.id(), TicketFixtures.WATCH))
        .hasValueSatisfying(s -> assertThat(s.state()).isEqualTo(TicketState.CONFIRMED));
    assertThat(service.snapshot(ticket.id(), "x".repeat(43))).isEqualTo(Optional.empty());
    assertThat(service.snapshot("x".repeat(22), TicketFixtures.WATCH)).isEqualTo(Optional.empty());
  }

  @Test
  void anAnnouncerThatFailsStopsNoLogin() {
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

  /** R17: a user who scans all that is about is stopped. */
  @Test
  void aUserScansFiveTimesAMinute() {
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

package io.heliograph.login.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.login.EndReason;
import io.heliograph.login.Ticket;
import io.heliograph.login.TicketFixtures;
import io.heliograph.login.TicketState;
import io.heliograph.login.TicketStore;
import io.heliograph.support.ManualClock;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** The contract of every ticket store. */
public abstract class TicketStoreContract {

  protected final ManualClock clock = new ManualClock();

  /** A store with the time of {@link #clock} and the given limit of open tickets. */
  protected abstract TicketStore store(int maxOpen);

  @Test
  void anAddedTicketIsFound() {
    TicketStore store = store(10);
    Ticket ticket = TicketFixtures.issued(clock.instant());
    assertThat(store.add(ticket)).isTrue();
    assertThat(store.find(ticket.id())).contains(ticket);
    assertThat(store.find("x".repeat(22))).isEmpty();
  }

  @Test
  void replaceSucceedsOnlyForTheStoredVersion() {
    TicketStore store = store(10);
    Ticket ticket = TicketFixtures.issued(clock.instant());
    store.add(ticket);
    Ticket scanned =
        TicketFixtures.RULES.apply(ticket, TicketFixtures.scan("alice"), store.now()).ticket();
    Ticket other =
        TicketFixtures.RULES.apply(ticket, TicketFixtures.scan("bob"), store.now()).ticket();
    assertThat(store.replace(ticket, scanned)).isTrue();
    assertThat(store.replace(ticket, other)).isFalse();
    assertThat(store.find(ticket.id())).contains(scanned);
  }

  @Test
  void countersArePartOfTheComparedVersion() {
    TicketStore store = store(10);
    Ticket ticket = TicketFixtures.in(TicketState.CONFIRMED, clock.instant());
    store.add(ticket);
    assertThat(store.replace(ticket, ticket.withWrongVerifier())).isTrue();
    assertThat(store.replace(ticket, ticket.withWrongVerifier())).isFalse();
  }

  @Test
  void theDeadlineIsComparedInsideTheCompareAndSet() {
    TicketStore store = store(10);
    Ticket ticket = TicketFixtures.issued(clock.instant());
    store.add(ticket);
    Ticket scanned =
        TicketFixtures.RULES.apply(ticket, TicketFixtures.scan("alice"), store.now()).ticket();
    clock.advanceSeconds(120);
    assertThat(store.replace(ticket, scanned)).isFalse();
    Ticket expired = ticket.ended(TicketState.EXPIRED, ticket.deadline(), EndReason.DEADLINE);
    assertThat(store.replace(ticket, expired)).isTrue();
  }

  @Test
  void overdueTicketsAreListedUntilTheirExpiryIsStored() {
    TicketStore store = store(10);
    Ticket ticket = TicketFixtures.issued(clock.instant());
    store.add(ticket);
    assertThat(store.lapsed(10)).isEmpty();
    clock.advanceSeconds(120);
    assertThat(store.lapsed(10)).containsExactly(ticket);
    store.replace(ticket, ticket.ended(TicketState.EXPIRED, ticket.deadline(), EndReason.DEADLINE));
    assertThat(store.lapsed(10)).isEmpty();
  }

  @Test
  void endedTicketsAreKeptForTenMinutes() {
    TicketStore store = store(10);
    Ticket ticket = TicketFixtures.issued(clock.instant());
    store.add(ticket);
    store.replace(ticket, ticket.ended(TicketState.CANCELLED, store.now(), null));
    clock.advance(Duration.ofMinutes(10).minusMillis(1));
    store.forget();
    assertThat(store.find(ticket.id())).isPresent();
    clock.advance(Duration.ofMillis(1));
    assertThat(store.find(ticket.id())).isEmpty();
    store.forget();
    assertThat(store.find(ticket.id())).isEmpty();
  }

  @Test
  void openTicketsAreLimitedAndExpiredOnesFreeSlots() {
    TicketStore store = store(3);
    for (int i = 0; i < 3; i++) {
      assertThat(store.add(TicketFixtures.issued(clock.instant()))).isTrue();
    }
    assertThat(store.add(TicketFixtures.issued(clock.instant()))).isFalse();
    clock.advanceSeconds(120);
    assertThat(store.add(TicketFixtures.issued(clock.instant()))).isTrue();
  }

  @Test
  void anEndedTicketFreesItsSlot() {
    TicketStore store = store(1);
    Ticket ticket = TicketFixtures.issued(clock.instant());
    store.add(ticket);
    store.replace(ticket, ticket.ended(TicketState.CANCELLED, store.now(), null));
    assertThat(store.add(TicketFixtures.issued(clock.instant()))).isTrue();
  }

  /** Case 50. */
  @Test
  void aSmallClockStepBackRevivesNoTicket() {
    TicketStore store = store(10);
    Ticket ticket = TicketFixtures.issued(clock.instant());
    store.add(ticket);
    clock.advanceSeconds(121);
    assertThat(ticket.lapsedAt(store.now())).isTrue();
    clock.advanceSeconds(-5);
    assertThat(ticket.lapsedAt(store.now())).isTrue();
  }

  /** R7. */
  @RepeatedTest(200)
  void ofConcurrentWritersOneWins() throws InterruptedException {
    TicketStore store = store(10);
    Ticket ticket = TicketFixtures.issued(clock.instant());
    store.add(ticket);
    AtomicInteger won = new AtomicInteger();
    Race.of(
        8,
        i -> {
          Ticket next =
              TicketFixtures.RULES
                  .apply(ticket, TicketFixtures.scan("user" + i), store.now())
                  .ticket();
          if (store.replace(ticket, next)) {
            won.incrementAndGet();
          }
        });
    assertThat(won).hasValue(1);
  }

  /** Runs threads that start at the same moment. */
  public static final class Race {
    public interface Runner {
      void run(int index) throws Exception;
    }

    public static void of(int threads, Runner runner) throws InterruptedException {
      CountDownLatch ready = new CountDownLatch(threads);
      CountDownLatch go = new CountDownLatch(1);
      Thread[] started = new Thread[threads];
      var failures = new java.util.concurrent.ConcurrentLinkedQueue<Throwable>();
      for (int i = 0; i < threads; i++) {
        int index = i;
        started[i] =
            Thread.ofVirtual()
                .start(
                    () -> {
                      try {
                        ready.countDown();
                        go.await();
                        runner.run(index);
                      } catch (Throwable t) {
                        failures.add(t);
                      }
                    });
      }
      ready.await();
      go.countDown();
      for (Thread thread : started) {
        thread.join();
      }
      assertThat(failures).isEmpty();
    }
  }
}

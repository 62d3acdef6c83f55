package io.heliograph.login.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.login.Grant;
import io.heliograph.login.GrantStore;
import io.heliograph.login.GrantStore.Revocation;
import io.heliograph.login.LoginPolicy;
import io.heliograph.login.MovableClock;
import io.heliograph.login.Ticket;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** What every grant store means. */
abstract class GrantStoreContract {

  protected final MovableClock clock = new MovableClock();

  protected abstract GrantStore store();

  private Grant grant() {
    return new Grant(
        "t".repeat(22),
        "alice",
        null,
        "app",
        LoginPolicy.EXPLICIT,
        clock.instant(),
        false,
        0,
        clock.instant().plusSeconds(30));
  }

  @Test
  void isRedeemedOnceAndInTime() {
    GrantStore store = store();
    store.issue("hash", grant());
    clock.advanceSeconds(29);
    assertThat(store.redeem("hash")).isPresent();
    assertThat(store.redeem("hash")).isEmpty();
    assertThat(store.redeem("unknown")).isEmpty();
  }

  @Test
  void isWorthNothingAfterThirtySeconds() {
    GrantStore store = store();
    store.issue("hash", grant());
    clock.advanceSeconds(30);
    assertThat(store.redeem("hash")).isEmpty();
  }

  @Test
  void canBeTakenBackUntilItIsRedeemed() {
    GrantStore store = store();
    store.issue("one", grant());
    assertThat(store.revoke("one")).isEqualTo(Revocation.REVOKED);
    assertThat(store.redeem("one")).isEmpty();
    assertThat(store.revoke("one")).isEqualTo(Revocation.UNKNOWN);

    store.issue("two", grant());
    assertThat(store.redeem("two")).isPresent();
    assertThat(store.revoke("two")).isEqualTo(Revocation.WAS_REDEEMED);
    assertThat(store.revoke("two")).isEqualTo(Revocation.WAS_REDEEMED);
  }

  @Test
  void isForgottenWithItsTicket() {
    GrantStore store = store();
    store.issue("hash", grant());
    store.redeem("hash");
    clock.advance(Ticket.TOMBSTONE.plusSeconds(30));
    store.forget();
    assertThat(store.revoke("hash")).isEqualTo(Revocation.UNKNOWN);
  }

  /** A browser that did not get its answer asks again. */
  @Test
  void isKeptForLongerUntilItIsRedeemedOrRevoked() {
    GrantStore store = store();
    assertThat(store.issue("hash", grant())).isTrue();
    clock.advanceSeconds(35);
    assertThat(store.issue("hash", grant())).isTrue();
    clock.advanceSeconds(29);
    assertThat(store.redeem("hash")).isPresent();
    assertThat(store.issue("hash", grant())).isFalse();
    assertThat(store.redeem("hash")).isEmpty();

    store.issue("other", grant());
    store.revoke("other");
    assertThat(store.issue("other", grant())).isFalse();
    assertThat(store.redeem("other")).isEmpty();
    assertThat(store.revoke("other")).isEqualTo(Revocation.UNKNOWN);
  }

  /** Case 57. */
  @RepeatedTest(200)
  void ofFiftyRedeemersOneSucceeds() throws InterruptedException {
    GrantStore store = store();
    store.issue("hash", grant());
    AtomicInteger redeemed = new AtomicInteger();
    TicketStoreContract.Race.of(
        50, _ -> store.redeem("hash").ifPresent(_ -> redeemed.incrementAndGet()));
    assertThat(redeemed).hasValue(1);
  }
}

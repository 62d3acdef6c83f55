package io.heliograph.login.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.login.Grant;
import io.heliograph.login.GrantStore;
import io.heliograph.login.GrantStore.Revocation;
import io.heliograph.login.LoginPolicy;
import io.heliograph.login.Ticket;
import io.heliograph.support.ManualClock;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** The contract of every grant store. */
abstract class GrantStoreContract {

  protected final ManualClock clock = new ManualClock();

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
  void aGrantIsRedeemedOnceBeforeItExpires() {
    GrantStore store = store();
    store.issue("hash", grant());
    clock.advanceSeconds(29);
    assertThat(store.redeem("hash")).isPresent();
    assertThat(store.redeem("hash")).isEmpty();
    assertThat(store.redeem("unknown")).isEmpty();
  }

  @Test
  void anExpiredGrantCannotBeRedeemed() {
    GrantStore store = store();
    store.issue("hash", grant());
    clock.advanceSeconds(30);
    assertThat(store.redeem("hash")).isEmpty();
  }

  @Test
  void aGrantCanBeRevokedUntilItIsRedeemed() {
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
  void aGrantIsForgottenWithItsTicket() {
    GrantStore store = store();
    store.issue("hash", grant());
    store.redeem("hash");
    clock.advance(Ticket.TOMBSTONE.plusSeconds(30));
    store.forget();
    assertThat(store.revoke("hash")).isEqualTo(Revocation.UNKNOWN);
  }

  /** A browser that lost the answer repeats its call. */
  @Test
  void issuingAgainExtendsAGrantUntilItIsRedeemedOrRevoked() {
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
  void ofFiftyConcurrentRedemptionsOneSucceeds() throws InterruptedException {
    GrantStore store = store();
    store.issue("hash", grant());
    AtomicInteger redeemed = new AtomicInteger();
    TicketStoreContract.Race.of(
        50, _ -> store.redeem("hash").ifPresent(_ -> redeemed.incrementAndGet()));
    assertThat(redeemed).hasValue(1);
  }
}

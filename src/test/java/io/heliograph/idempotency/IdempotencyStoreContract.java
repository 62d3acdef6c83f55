package io.heliograph.idempotency;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The contract of every store. Subclasses provide the store and advance its clock. */
abstract class IdempotencyStoreContract {

  private static final Duration LEASE = Duration.ofSeconds(30);
  private static final Duration KEEP = Duration.ofMinutes(10);

  private static final StoredReply REPLY =
      new StoredReply(202, "application/json", "{\"id\":\"é\"}".getBytes(StandardCharsets.UTF_8));

  abstract IdempotencyStore store();

  abstract void advance(Duration time);

  private Claim claim(String key, String fingerprint) {
    return store().claim("scope", key, fingerprint, LEASE);
  }

  private Claim.Fresh fresh(String key) {
    return (Claim.Fresh) claim(key, "print");
  }

  @Test
  void theFirstClaimHoldsTheKeyAndTheSecondIsInProgress() {
    assertThat(claim("a", "print")).isInstanceOf(Claim.Fresh.class);
    assertThat(claim("a", "print")).isEqualTo(new Claim.InProgress());
  }

  @Test
  void theStoredReplyIsReturnedUnchanged() {
    assertThat(store().complete(fresh("a"), REPLY, KEEP)).isTrue();
    assertThat(claim("a", "print")).isEqualTo(new Claim.Done(REPLY));
    assertThat(claim("a", "print")).isEqualTo(new Claim.Done(REPLY));
  }

  @Test
  void aReplyWithoutBodyHasNoContentType() {
    store().complete(fresh("a"), StoredReply.of(204), KEEP);
    assertThat(claim("a", "print")).isEqualTo(new Claim.Done(StoredReply.of(204)));
  }

  @Test
  void anotherRequestWithTheSameKeyIsReusedBeforeAndAfterCompletion() {
    Claim.Fresh fresh = fresh("a");
    assertThat(claim("a", "other")).isEqualTo(new Claim.Reused());
    store().complete(fresh, REPLY, KEEP);
    assertThat(claim("a", "other")).isEqualTo(new Claim.Reused());
  }

  @Test
  void scopesAreSeparateEvenIfScopeAndKeyConcatenateToTheSameText() {
    store().claim("a:b", "c", "print", LEASE);
    assertThat(store().claim("a", "b:c", "print", LEASE)).isInstanceOf(Claim.Fresh.class);
  }

  @Test
  void aReleasedKeyCanBeClaimedAgain() {
    store().release(fresh("a"));
    assertThat(claim("a", "other")).isInstanceOf(Claim.Fresh.class);
  }

  @Test
  void anExpiredLeaseFreesTheKeyAndItsHolderCannotEndTheNextClaim() {
    Claim.Fresh late = fresh("a");
    advance(LEASE);
    Claim.Fresh second = fresh("a");
    assertThat(store().complete(late, StoredReply.of(500), KEEP)).isFalse();
    store().release(late);
    assertThat(claim("a", "print")).isEqualTo(new Claim.InProgress());
    assertThat(store().complete(second, REPLY, KEEP)).isTrue();
    assertThat(claim("a", "print")).isEqualTo(new Claim.Done(REPLY));
  }

  @Test
  void aCompletedClaimIsNeitherReleasedNorCompletedAgain() {
    Claim.Fresh fresh = fresh("a");
    store().complete(fresh, REPLY, KEEP);
    store().release(fresh);
    assertThat(store().complete(fresh, StoredReply.of(500), KEEP)).isFalse();
    assertThat(claim("a", "print")).isEqualTo(new Claim.Done(REPLY));
  }

  @Test
  void eachReplyExpiresAfterItsOwnTime() {
    store().complete(fresh("short"), REPLY, Duration.ofSeconds(2));
    store().complete(fresh("long"), REPLY, KEEP);
    advance(Duration.ofSeconds(2));
    assertThat(claim("short", "print")).isInstanceOf(Claim.Fresh.class);
    assertThat(claim("long", "print")).isEqualTo(new Claim.Done(REPLY));
  }

  @Test
  void keysMayContainAnyCharacter() {
    store().complete(fresh("{x}*: \r\n\u0000é"), REPLY, KEEP);
    assertThat(claim("{x}*: \r\n\u0000é", "print")).isEqualTo(new Claim.Done(REPLY));
  }

  @Test
  void ofConcurrentClaimsExactlyOneHoldsTheKey() throws Exception {
    for (int round = 0; round < 200; round++) {
      String key = "race" + round;
      CyclicBarrier start = new CyclicBarrier(8);
      try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
        List<Callable<Claim>> calls =
            IntStream.range(0, 8)
                .<Callable<Claim>>mapToObj(
                    i ->
                        () -> {
                          start.await();
                          return claim(key, "print");
                        })
                .toList();
        List<Claim> claims = threads.invokeAll(calls).stream().map(Future::resultNow).toList();
        assertThat(claims).filteredOn(Claim.Fresh.class::isInstance).hasSize(1);
        assertThat(claims).filteredOn(Claim.InProgress.class::isInstance).hasSize(7);
      }
    }
  }
}

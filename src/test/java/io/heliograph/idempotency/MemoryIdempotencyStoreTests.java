package io.heliograph.idempotency;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliograph.support.ManualClock;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.unit.DataSize;

class MemoryIdempotencyStoreTests extends IdempotencyStoreContract {

  private final ManualClock clock = new ManualClock(Instant.parse("2026-11-21T00:00:00Z"));
  private final MemoryIdempotencyStore store = withBounds(100_000, DataSize.ofMegabytes(64));

  private MemoryIdempotencyStore withBounds(int entries, DataSize bytes) {
    return new MemoryIdempotencyStore(new IdempotencyProperties(entries, bytes), clock);
  }

  @Override
  IdempotencyStore store() {
    return store;
  }

  @Override
  void advance(Duration time) {
    clock.advance(time);
  }

  private static void completed(IdempotencyStore store, String key, int bytes, Duration keep) {
    Claim.Fresh fresh = (Claim.Fresh) store.claim("s", key, "p", Duration.ofSeconds(30));
    store.complete(fresh, new StoredReply(200, "text/plain", new byte[bytes]), keep);
  }

  @Test
  void aFullStoreEvictsTheReplyThatExpiresFirst() {
    MemoryIdempotencyStore small = withBounds(3, DataSize.ofMegabytes(1));
    completed(small, "long", 1, Duration.ofHours(1));
    completed(small, "short", 1, Duration.ofMinutes(1));
    completed(small, "middle", 1, Duration.ofMinutes(5));
    completed(small, "new", 1, Duration.ofMinutes(5));

    assertThat(small.size()).isEqualTo(3);
    assertThat(small.claim("s", "long", "p", Duration.ofSeconds(1))).isInstanceOf(Claim.Done.class);
    assertThat(small.claim("s", "short", "p", Duration.ofSeconds(1)))
        .isInstanceOf(Claim.Fresh.class);
  }

  @Test
  void theBytesOfRepliesAreBounded() {
    MemoryIdempotencyStore small = withBounds(1_000_000, DataSize.ofKilobytes(100));
    for (int i = 0; i < 1_000; i++) {
      completed(small, "key" + i, 10_000, Duration.ofMinutes(5));
    }
    assertThat(small.size()).isBetween(5, 10);
  }

  @Test
  void claimsInProgressAreNeverEvicted() {
    MemoryIdempotencyStore small = withBounds(1, DataSize.ofMegabytes(1));
    small.claim("s", "a", "p", Duration.ofSeconds(30));
    assertThatThrownBy(() -> small.claim("s", "b", "p", Duration.ofSeconds(30)))
        .isInstanceOf(IdempotencyStoreUnavailableException.class);
    assertThat(small.claim("s", "a", "p", Duration.ofSeconds(30)))
        .isInstanceOf(Claim.InProgress.class);
  }

  @Test
  void oneKindOfKeyDoesNotEvictAnother() {
    MemoryIdempotencyStore small = withBounds(3, DataSize.ofMegabytes(1));
    completed(small, "wechat-state-used", "login", Duration.ofMinutes(10));
    completed(small, "callback:shop", "event", Duration.ofMinutes(10));
    for (int i = 0; i < 100; i++) {
      completed(small, "push:backend", "key" + i, Duration.ofHours(24));
    }
    assertThat(small.claim("wechat-state-used", "login", "p", Duration.ofSeconds(1)))
        .isInstanceOf(Claim.Done.class);
    assertThat(small.claim("callback:shop", "event", "other", Duration.ofSeconds(1)))
        .isInstanceOf(Claim.Reused.class);
  }

  @ParameterizedTest
  @ValueSource(strings = {"callback:shop", "wechat:oa", "wechat-nonce:oa", "wechat-state-used"})
  void replayProtectionIsNotEvictedAndNewClaimsAreRefused(String scope) {
    MemoryIdempotencyStore small = withBounds(3, DataSize.ofMegabytes(1));
    for (int i = 0; i < 3; i++) {
      completed(small, scope, "event" + i, Duration.ofMinutes(10));
    }
    assertThatThrownBy(() -> small.claim(scope, "new", "p", Duration.ofSeconds(30)))
        .isInstanceOf(IdempotencyStoreUnavailableException.class);
    assertThat(small.refused()).isEqualTo(1);
    for (int i = 0; i < 3; i++) {
      assertThat(small.claim(scope, "event" + i, "other", Duration.ofSeconds(30)))
          .isInstanceOf(Claim.Reused.class);
    }
    clock.advance(Duration.ofMinutes(10));
    assertThat(small.claim(scope, "new", "p", Duration.ofSeconds(30)))
        .isInstanceOf(Claim.Fresh.class);
  }

  private static void completed(IdempotencyStore store, String scope, String key, Duration keep) {
    Claim.Fresh fresh = (Claim.Fresh) store.claim(scope, key, "p", Duration.ofSeconds(30));
    assertThat(store.complete(fresh, StoredReply.of(204), keep)).isTrue();
  }

  @Test
  void expiredEntriesAreRemoved() {
    for (int i = 0; i < 1_000; i++) {
      completed(store, "key" + i, 10, Duration.ofMinutes(5));
    }
    clock.advance(Duration.ofMinutes(5));
    store.claim("s", "one", "p", Duration.ofSeconds(30));
    assertThat(store.size()).isEqualTo(1);
  }

  @Test
  void theTextFormOfAReplyOmitsItsBody() {
    assertThat(new StoredReply(200, "text/plain", "secret".getBytes(StandardCharsets.UTF_8)))
        .hasToString("StoredReply[200, text/plain, 6 bytes]");
  }
}

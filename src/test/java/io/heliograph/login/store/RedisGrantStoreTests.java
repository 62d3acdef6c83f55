package io.heliograph.login.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.login.Grant;
import io.heliograph.login.GrantStore;
import io.heliograph.login.LoginPolicy;
import io.heliograph.redis.RedisNamespace;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Instant;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;

/** The contract against a real Redis. */
@SuppressWarnings("NullAway.Init") // the server is started before the tests
class RedisGrantStoreTests extends GrantStoreContract {

  private static RedisForLogins redis;

  @BeforeAll
  static void startRedis() {
    redis = new RedisForLogins();
  }

  @AfterAll
  static void stopRedis() {
    if (redis != null) {
      redis.close();
    }
  }

  @Override
  protected GrantStore store() {
    redis.server.command("FLUSHALL");
    return anotherNode();
  }

  /** The store of another node. */
  private GrantStore anotherNode() {
    return new RedisGrantStore(
        redis.scripts(clock), new RedisNamespace("test"), new SimpleMeterRegistry());
  }

  private static Grant grantUntil(Instant end) {
    return new Grant(
        "t".repeat(22), "alice", "union", "app", LoginPolicy.EXPLICIT, end, true, 2, end);
  }

  @RepeatedTest(50)
  void ofConcurrentRedemptionsAndRevocationsOnThreeNodesOneSucceeds() throws InterruptedException {
    GrantStore[] nodes = {store(), anotherNode(), anotherNode()};
    nodes[0].issue("hash", grantUntil(clock.instant().plusSeconds(30)));
    AtomicInteger won = new AtomicInteger();
    TicketStoreContract.Race.of(
        12,
        i -> {
          boolean mine =
              i < 6
                  ? nodes[i % 3].redeem("hash").isPresent()
                  : nodes[i % 3].revoke("hash") == GrantStore.Revocation.REVOKED;
          if (mine) {
            won.incrementAndGet();
          }
        });
    assertThat(won).hasValue(1);
  }

  @Test
  void aGrantIsReadUnchangedByAnotherNode() {
    Grant grant = grantUntil(clock.instant().plusSeconds(30));
    store().issue("hash", grant);
    assertThat(anotherNode().redeem("hash")).contains(grant);
  }

  @Test
  void anUnreadableGrantIsTreatedAsAbsent() {
    GrantStore store = store();
    for (String text : new String[] {"", "x", "null", "{}", "[]"}) {
      store.issue("hash", grantUntil(clock.instant().plusSeconds(30)));
      redis.server.command("HSET", "test:grant:hash", "g", text);
      assertThat(store.redeem("hash")).isEmpty();
      redis.server.command("DEL", "test:grant:hash");
    }
    redis.server.command("HSET", "test:grant:hash", "g", "{}", "x", "soon", "k", "never");
    assertThat(store.redeem("hash")).isEmpty();
    assertThat(store.revoke("hash")).isEqualTo(GrantStore.Revocation.UNKNOWN);
  }

  @Test
  void theUserIsDeletedWhenAGrantIsRedeemed() {
    GrantStore store = store();
    store.issue("hash", grantUntil(clock.instant().plusSeconds(30)));
    assertThat(redis.server.command("HEXISTS", "test:grant:hash", "g")).isEqualTo(":1");
    store.redeem("hash");
    assertThat(redis.server.command("HEXISTS", "test:grant:hash", "g")).isEqualTo(":0");
  }
}

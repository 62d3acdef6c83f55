package io.heliograph.login.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliograph.login.Ticket;
import io.heliograph.login.TicketFixtures;
import io.heliograph.login.TicketState;
import io.heliograph.login.TicketStore;
import io.heliograph.login.TicketStoreUnavailableException;
import io.heliograph.login.Tickets;
import io.heliograph.redis.RedisNamespace;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.RepeatedTest;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** The contract against a real Redis, and races between nodes. */
@SuppressWarnings("NullAway.Init") // the server is started before the tests
class RedisTicketStoreTests extends TicketStoreContract {

  private static final RedisNamespace NAMES = new RedisNamespace("test");

  private static RedisForLogins redis;

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();

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
  protected TicketStore store(int maxOpen) {
    redis.server.command("FLUSHALL");
    return anotherNode(maxOpen);
  }

  /** The store of another node. */
  private TicketStore anotherNode(int maxOpen) {
    return new RedisTicketStore(redis.scripts(clock), NAMES, maxOpen, null, meters);
  }

  /** A store that uses Redis's clock, as in production. */
  private static TicketStore byRedisTime() {
    return new RedisTicketStore(redis.scripts(null), NAMES, 10, null, new SimpleMeterRegistry());
  }

  @Test
  void everyStateIsReadUnchangedByAnotherNode() {
    TicketStore store = store(100);
    for (TicketState state : TicketState.values()) {
      Ticket ticket = TicketFixtures.in(state, clock.instant()).withOther("one").withOther("two");
      store.add(ticket);
      assertThat(anotherNode(100).find(ticket.id())).contains(ticket);
    }
  }

  /** R7, R17. */
  @RepeatedTest(50)
  void concurrentNodesAgreeOnOneWinnerAndOnTheLimit() throws InterruptedException {
    TicketStore[] nodes = {store(3), anotherNode(3), anotherNode(3)};
    AtomicInteger added = new AtomicInteger();
    Race.of(
        12,
        i -> {
          if (nodes[i % 3].add(TicketFixtures.issued(clock.instant()))) {
            added.incrementAndGet();
          }
        });
    assertThat(added).hasValue(3);

    clock.advanceSeconds(120);
    Ticket ticket = TicketFixtures.issued(clock.instant());
    nodes[0].add(ticket);
    AtomicInteger won = new AtomicInteger();
    Race.of(
        12,
        i -> {
          Ticket next =
              TicketFixtures.RULES
                  .apply(ticket, TicketFixtures.scan("user" + i), clock.instant())
                  .ticket();
          if (nodes[i % 3].replace(ticket, next)) {
            won.incrementAndGet();
          }
        });
    assertThat(won).hasValue(1);
  }

  /** R18: including ended tickets there are at most twice as many. */
  @Test
  void endedTicketsAreLimitedToo() {
    TicketStore store = store(2);
    for (int i = 0; i < 4; i++) {
      Ticket ticket = TicketFixtures.issued(clock.instant());
      assertThat(store.add(ticket)).isTrue();
      store.replace(ticket, ticket.ended(TicketState.CANCELLED, clock.instant(), null));
    }
    assertThat(store.add(TicketFixtures.issued(clock.instant()))).isFalse();
    clock.advance(Duration.ofMinutes(10));
    assertThat(store.add(TicketFixtures.issued(clock.instant()))).isTrue();
  }

  @Test
  void aSlotReservedByAFailedNodeIsFreed() {
    TicketStore store = store(1);
    Ticket ticket = TicketFixtures.issued(clock.instant());
    store.add(ticket);
    redis.server.command("DEL", "test:{login:" + ticket.id() + "}:ticket");
    assertThat(store.add(TicketFixtures.issued(clock.instant()))).isFalse();
    clock.advanceSeconds(120);
    assertThat(store.lapsed(10)).isEmpty();
    assertThat(redis.server.command("ZCARD", "test:{logins}:open")).isEqualTo(":0");
    assertThat(redis.server.command("ZCARD", "test:{logins}:all")).isEqualTo(":0");
  }

  @Test
  void anOutdatedIndexEntryOfAFailedNodeIsCorrected() {
    TicketStore store = store(10);
    Ticket ticket = TicketFixtures.issued(clock.instant());
    store.add(ticket);
    clock.advanceSeconds(100);
    Ticket scanned =
        TicketFixtures.RULES.apply(ticket, TicketFixtures.scan("alice"), clock.instant()).ticket();
    store.replace(ticket, scanned);
    String open = "test:{logins}:open";
    redis.server.command(
        "ZADD", open, Long.toString(ticket.deadline().toEpochMilli()), ticket.id());
    clock.advanceSeconds(20);
    assertThat(store.lapsed(10)).isEmpty();
    clock.advance(Duration.between(clock.instant(), scanned.deadline()));
    assertThat(store.lapsed(10)).containsExactly(scanned);
  }

  /** It is skipped and counted, and affects neither other tickets nor the sweeper. */
  @Test
  void anUnreadableTicketIsTreatedAsAbsent() {
    TicketStore store = store(100);
    List<String> texts =
        List.of("", "x", "null", "[]", "{}", "{\"id\":", "7", "{\"id\":\"x\",\"others\":[]}");
    List<String> ids = new ArrayList<>();
    for (String text : texts) {
      Ticket ticket = TicketFixtures.issued(clock.instant());
      store.add(ticket);
      redis.server.command("HSET", "test:{login:" + ticket.id() + "}:ticket", "t", text);
      ids.add(ticket.id());
    }
    Ticket wrongType = TicketFixtures.issued(clock.instant());
    store.add(wrongType);
    redis.server.command("SET", "test:{login:" + wrongType.id() + "}:ticket", "x");
    redis.server.command("ZADD", "test:{logins}:open", "1", "no ticket's id");
    Ticket good = TicketFixtures.issued(clock.instant());
    store.add(good);
    ids.add(wrongType.id());
    ids.forEach(id -> assertThat(store.find(id)).isEmpty());
    assertThat(meters.get("heliograph.logins.unreadable").tag("entry", "ticket").counter().count())
        .isEqualTo(9);

    clock.advanceSeconds(120);
    assertThat(store.lapsed(1_000)).extracting(Ticket::id).containsExactly(good.id());
    assertThat(redis.server.command("ZCARD", "test:{logins}:open")).isEqualTo(":1");
  }

  /**
   * Its text is readable, but no change is accepted; the caller gets an answer instead of an
   * endless retry.
   */
  @Test
  void aTicketThatCannotBeReplacedGivesStoreUnavailable() {
    Ticket ticket = TicketFixtures.issued(clock.instant());
    store(10).add(ticket);
    redis.server.command("HSET", "test:{login:" + ticket.id() + "}:ticket", "m", "garbage");
    Tickets tickets =
        new Tickets(
            anotherNode(10),
            TicketFixtures.RULES,
            (_, _) -> {},
            JsonMapper.shared(),
            new SimpleMeterRegistry(),
            100);
    assertThatThrownBy(() -> tickets.apply(ticket.id(), TicketFixtures.scan("alice")))
        .isInstanceOf(TicketStoreUnavailableException.class);
  }

  /** Case 64. */
  @RepeatedTest(20)
  void anExpiryIsPublishedByOneOfManySweepers() throws InterruptedException {
    Ticket ticket = TicketFixtures.issued(clock.instant());
    store(10).add(ticket);
    List<String> published = new CopyOnWriteArrayList<>();
    List<Tickets> nodes = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      nodes.add(
          new Tickets(
              anotherNode(10),
              TicketFixtures.RULES,
              (_, state) -> published.add(state),
              JsonMapper.shared(),
              new SimpleMeterRegistry(),
              100));
    }
    clock.advanceSeconds(120);
    Race.of(4, i -> nodes.get(i).sweep());
    assertThat(published).hasSize(1).first().asString().contains("\"EXPIRED\"");
  }

  /** A poll that waits on one node is answered soon after a change on another. */
  @Test
  void aLongPollSeesAChangeOnAnotherNode() {
    Ticket ticket = TicketFixtures.issued(clock.instant());
    store(10).add(ticket);
    Tickets asked =
        new Tickets(
            anotherNode(10),
            TicketFixtures.RULES,
            (_, _) -> {},
            JsonMapper.shared(),
            new SimpleMeterRegistry(),
            100);
    var next = asked.next(ticket, Duration.ofSeconds(25));
    asked.sweep();
    assertThat(next).isNotDone();
    Ticket scanned =
        TicketFixtures.RULES.apply(ticket, TicketFixtures.scan("alice"), clock.instant()).ticket();
    anotherNode(10).replace(ticket, scanned);
    for (int i = 0; i < 5; i++) {
      asked.sweep();
    }
    assertThat(next).isCompletedWithValue(scanned);
  }

  /** Case 85: the nodes' clocks have no influence. */
  @Test
  void theStoreUsesRedissClock() {
    store(10);
    TicketStore node = byRedisTime();
    Instant now = node.now();
    Ticket late = TicketFixtures.issued(now.minusSeconds(120));
    Ticket inTime = TicketFixtures.issued(now.minusSeconds(110));
    node.add(late);
    node.add(inTime);
    assertThat(node.replace(late, late.ended(TicketState.CANCELLED, now.minusSeconds(60), null)))
        .isFalse();
    assertThat(byRedisTime().replace(inTime, inTime.ended(TicketState.CANCELLED, now, null)))
        .isTrue();
    assertThat(byRedisTime().lapsed(10)).containsExactly(late);
    assertThat(byRedisTime().now()).isBetween(now, now.plusSeconds(10));
  }

  @Test
  void redisExpiresEndedTickets() {
    store(10);
    TicketStore node = byRedisTime();
    Ticket ticket = TicketFixtures.issued(node.now());
    node.add(ticket);
    assertThat(ttl(ticket)).isBetween(710_000L, 720_000L);
    node.replace(ticket, ticket.ended(TicketState.CANCELLED, node.now(), null));
    assertThat(ttl(ticket)).isBetween(590_000L, 600_000L);
  }

  private static long ttl(Ticket ticket) {
    return Long.parseLong(
        redis.server.command("PTTL", "test:{login:" + ticket.id() + "}:ticket").substring(1));
  }

  @Test
  void withoutRedisCallsFail() {
    try (RedisForLogins other = new RedisForLogins()) {
      TicketStore orphan =
          new RedisTicketStore(other.scripts(null), NAMES, 10, null, new SimpleMeterRegistry());
      Ticket ticket = TicketFixtures.issued(orphan.now());
      other.server.kill();
      assertThatThrownBy(() -> orphan.add(ticket))
          .isInstanceOf(TicketStoreUnavailableException.class);
      assertThatThrownBy(() -> orphan.find(ticket.id()))
          .isInstanceOf(TicketStoreUnavailableException.class);
    }
  }
}

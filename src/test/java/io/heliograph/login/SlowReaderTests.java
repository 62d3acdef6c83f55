package io.heliograph.login;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.hub.HubParts;
import io.heliograph.login.LoginCalls.Answer;
import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.session.Session;
import io.heliograph.support.TestBackend;
import io.heliograph.support.TestBrowser;
import io.heliograph.support.TestTab;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;
import tools.jackson.databind.JsonNode;

/**
 * Case 70: a page subscribes to a login and does not read for a while. It gets the newest state
 * when it reads on, or when it reconnects after its session was closed, and no older one
 * afterwards. The login and other sessions are not affected.
 */
class SlowReaderTests {

  private static final String FILLING = "\"" + "x".repeat(60_000) + "\"";

  /** A write takes this long only when the buffers of both kernels are full. */
  private static final Duration STUCK = Duration.ofMillis(300);

  /** One login, a page that subscribes and stops reading, and another page that keeps reading. */
  abstract static class Pages {
    @LocalServerPort int port;
    @Autowired HubParts parts;
    @Autowired LoginSubscriptions logins;
    @Autowired MeterRegistry meters;
    LoginCalls calls;
    TestBrowser browser;
    Answer login;

    @BeforeEach
    void begin() {
      calls = new LoginCalls(port);
      browser = new TestBrowser(new TestBackend(port, LoginCalls.KEY));
      login = calls.create();
    }

    @AfterEach
    void end() {
      browser.close();
    }

    String channel() {
      return "login:" + login.text("ticket");
    }

    JsonNode follow(TestTab tab, String since) {
      return tab.subscribe(channel(), login.text("watchToken"), since.isEmpty() ? null : since)
          .path("state");
    }

    TestTab following() {
      TestTab tab = browser.connectAnonymously();
      assertThat(version(follow(tab, ""))).isOne();
      return tab;
    }

    /** Fills the connection's buffers with messages for this session only, until a write blocks. */
    Session blockWrites(TestTab tab) {
      Session session = Objects.requireNonNull(parts.registry().session(tab.session()));
      tab.stopsReading();
      await()
          .pollInterval(Duration.ofMillis(5))
          .atMost(Duration.ofSeconds(30))
          .until(
              () -> {
                push(session.channel());
                return session.stalledNanos(System.nanoTime()) > STUCK.toNanos();
              });
      return session;
    }

    /** Publishes messages to everyone until the slow session's queue overflows. */
    void fillQueue() {
      double before = overflows();
      await()
          .pollInterval(Duration.ofMillis(5))
          .until(
              () -> {
                push(Channel.EVERYONE);
                return overflows() > before;
              });
    }

    private void push(Channel channel) {
      parts.publisher().publish(channel, Draft.of("filling", FILLING, Instant.now())).join();
    }

    double overflows() {
      return meters.counter("heliograph.queue.overflows").count();
    }

    void confirmOnPhone() {
      calls.scan(login.text("ticket")).hasStatus(200);
      calls.confirm(login.text("ticket"), login.body().path("matchCode").asInt()).hasStatus(200);
    }
  }

  private static int version(JsonNode state) {
    return state.path("version").asInt();
  }

  private static boolean isState(JsonNode frame) {
    return frame.path("event").asString("").equals("login.state");
  }

  /** The received versions, in order, until the last one or the end of the connection. */
  private static List<Integer> versions(TestTab tab, int last) {
    List<Integer> versions = new ArrayList<>();
    JsonNode frame = tab.next();
    while (!frame.path("type").asString("").equals("closed")) {
      if (isState(frame)) {
        versions.add(version(frame.path("data")));
      }
      if (versions.contains(last)) {
        return versions;
      }
      frame = tab.next();
    }
    return versions;
  }

  private static void assertNeverDecreasing(List<Integer> versions) {
    assertThat(versions).isSorted().doesNotHaveDuplicates().allMatch(version -> version > 1);
  }

  @Nested
  @SpringBootTest(
      webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
      properties = {
        "management.server.port=0",
        "heliograph.security.api-key=" + LoginCalls.KEY,
        "heliograph.session.max-queued-bytes=128KB",
        "heliograph.session.send-timeout=1m"
      })
  @SuppressWarnings("NullAway.Init") // set before each test
  class ReadingOnInTime extends Pages {

    @Test
    void aSlowReaderGetsTheNewestStateAndLaterOnes() {
      TestTab slow = following();
      TestTab awake = following();
      double overflows = overflows();
      blockWrites(slow);
      assertThat(overflows()).isGreaterThan(overflows);
      confirmOnPhone();
      fillQueue();
      assertThat(versions(awake, 3)).as("the other page").containsExactly(2, 3);

      slow.readsOn();
      List<Integer> versions = versions(slow, 3);
      assertNeverDecreasing(versions);
      assertThat(versions).endsWith(3);
      calls.exchange(login).hasStatus(200);
      assertThat(versions(slow, 4)).containsExactly(4);
      assertThat(versions(awake, 4)).containsExactly(4);
      assertThat(logins.subscribed()).isEmpty();
    }
  }

  @Nested
  @SpringBootTest(
      webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
      properties = {
        "management.server.port=0",
        "heliograph.security.api-key=" + LoginCalls.KEY,
        "heliograph.session.max-queued-bytes=128KB",
        "heliograph.session.send-timeout=1s"
      })
  @SuppressWarnings("NullAway.Init") // set before each test
  class ReadingOnTooLate extends Pages {

    @Test
    void aStuckReaderIsClosedAndGetsTheNewestStateAfterReconnecting() {
      double closed = closedAsSlow();
      TestTab slow = following();
      String position = slow.position(channel());
      TestTab awake = following();
      Session session = blockWrites(slow);
      confirmOnPhone();
      assertThat(versions(awake, 3)).as("the other page").containsExactly(2, 3);
      await().until(() -> parts.registry().session(session.id()) == null);
      assertThat(closedAsSlow()).isEqualTo(closed + 1);
      awake.thenNothing();

      slow.readsOn();
      assertNeverDecreasing(versions(slow, 4));
      TestTab again = browser.connectAnonymously();
      JsonNode state = follow(again, position);
      assertThat(version(state)).isEqualTo(3);
      assertThat(state.path("state").asString()).isEqualTo("CONFIRMED");
      again.thenNothing();
      calls.exchange(login).hasStatus(200);
      assertThat(versions(again, 4)).containsExactly(4);
      assertThat(versions(awake, 4)).containsExactly(4);
    }

    private double closedAsSlow() {
      var counter = meters.find("heliograph.closes").tag("reason", "slow").counter();
      return counter == null ? 0 : counter.count();
    }
  }
}

package io.heliograph.login;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.login.LoginCalls.Answer;
import io.heliograph.support.ManualClock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Logins whose browser subscribes over a WebSocket and whose phone reports by signed callback. */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "management.server.port=0",
      "heliograph.security.api-key=" + LoginCalls.KEY,
      "heliograph.callbacks.sources.shop.secrets[0].value=" + LoginCalls.SECRET,
      "heliograph.callbacks.sources.shop.allowed-types=login.scanned,login.confirmed,login.denied,message.push",
      "heliograph.callbacks.sources.shop.allowed-channels=topic:*,everyone",
      "heliograph.login.limits.per-address=100000",
      "heliograph.login.limits.misses-per-address=100000",
      "heliograph.login.limits.scans-per-subject=100000"
    })
class LoginSubscriptionTests {

  @TestConfiguration(proxyBeanMethods = false)
  static class Own {
    @Bean
    @Primary
    ManualClock movableClock() {
      return new ManualClock();
    }
  }

  private static final Set<String> FIELDS =
      Set.of("ticket", "state", "version", "at", "expiresAt", "serverTime", "final", "reason");

  @LocalServerPort int port;
  @Autowired ManualClock clock;
  @Autowired Tickets life;
  private LoginCalls calls;

  @BeforeEach
  void calls() {
    calls = new LoginCalls(port);
  }

  private SubscribedBrowser browser() {
    return new SubscribedBrowser(port);
  }

  private static void subscribe(SubscribedBrowser browser, Answer login) {
    browser.follow(login.text("ticket"), login.text("watchToken"));
  }

  private static void hasState(JsonNode state, String name, int version) {
    assertThat(state.path("state").asString()).isEqualTo(name);
    assertThat(state.path("version").asInt()).isEqualTo(version);
  }

  /** Case 37. */
  @Test
  void signedCallbacksReachTheBrowserAndTheGrantNamesTheUser() {
    Answer login = calls.create();
    String ticket = login.text("ticket");
    try (SubscribedBrowser browser = browser()) {
      subscribe(browser, login);
      hasState(browser.snapshot(), "ISSUED", 1);

      calls.callback(clock.instant(), "login.scanned", ticket).hasStatus(204);
      hasState(browser.state(), "SCANNED", 2);
      calls.callback(clock.instant(), "login.confirmed", ticket).hasStatus(204);
      hasState(browser.state(), "CONFIRMED", 3);

      Answer grant = calls.exchange(login).hasStatus(200);
      JsonNode last = browser.state();
      hasState(last, "CONSUMED", 4);
      assertThat(last.path("final").asBoolean()).isTrue();
      assertThat(calls.redeem(grant.text("grantCode")).hasStatus(200).text("subject"))
          .isEqualTo("alice");
      calls.redeem(grant.text("grantCode")).hasStatus(404);
      browser.thenNothing();
    }
  }

  @Test
  void aDenialByCallbackReachesTheBrowser() {
    Answer login = calls.create();
    try (SubscribedBrowser browser = browser()) {
      subscribe(browser, login);
      browser.snapshot();
      calls.callback(clock.instant(), "login.scanned", login.text("ticket")).hasStatus(204);
      browser.state();
      calls.callback(clock.instant(), "login.denied", login.text("ticket")).hasStatus(204);
      hasState(browser.state(), "DENIED", 3);
    }
    calls.exchange(login).hasStatus(410);
  }

  /** Case 59: the phone was faster than the page's connection. */
  @Test
  void callbacksBeforeTheSubscriptionAreInTheSnapshot() {
    Answer login = calls.create();
    calls.callback(clock.instant(), "login.scanned", login.text("ticket")).hasStatus(204);
    calls.callback(clock.instant(), "login.confirmed", login.text("ticket")).hasStatus(204);
    try (SubscribedBrowser browser = browser()) {
      subscribe(browser, login);
      hasState(browser.snapshot(), "CONFIRMED", 3);
      calls.exchange(login).hasStatus(200);
      hasState(browser.state(), "CONSUMED", 4);
    }
  }

  /** Case 43: pages that still show the old code are notified. */
  @Test
  void aRefreshIsTheLastStateOfTheOldCode() {
    Answer login = calls.create();
    try (SubscribedBrowser browser = browser()) {
      subscribe(browser, login);
      browser.snapshot();
      calls
          .call(
              "POST",
              "/v1/logins/" + login.text("ticket") + "/refresh",
              login.text("watchToken"),
              "{\"challenge\":\"" + BearerSecrets.hash(LoginCalls.VERIFIER) + "\"}")
          .hasStatus(201);
      JsonNode last = browser.state();
      hasState(last, "SUPERSEDED", 2);
      assertThat(last.path("final").asBoolean()).isTrue();
      calls.scan(login.text("ticket")).hasStatus(410);
      browser.thenNothing();
    }
  }

  /** Case 61. */
  @Test
  void aConnectionLostBetweenScanAndConfirmLosesNoState() {
    Answer login = calls.create();
    try (SubscribedBrowser lost = browser()) {
      subscribe(lost, login);
      lost.snapshot();
      calls.callback(clock.instant(), "login.scanned", login.text("ticket")).hasStatus(204);
      hasState(lost.state(), "SCANNED", 2);
      lost.cut();
    }
    calls.callback(clock.instant(), "login.confirmed", login.text("ticket")).hasStatus(204);
    try (SubscribedBrowser again = browser()) {
      subscribe(again, login);
      hasState(again.snapshot(), "CONFIRMED", 3);
      again.thenNothing();
      calls.exchange(login).hasStatus(200);
    }
  }

  /** Case 62. */
  @Test
  void aConfirmationBeforeItsScanIsAppliedAndTheLateScanIsNot() {
    Answer login = calls.create();
    try (SubscribedBrowser browser = browser()) {
      subscribe(browser, login);
      browser.snapshot();
      calls.callback(clock.instant(), "login.confirmed", login.text("ticket")).hasStatus(204);
      hasState(browser.state(), "CONFIRMED", 2);
      calls.callback(clock.instant(), "login.scanned", login.text("ticket")).hasStatus(204);
      browser.thenNothing();
    }
  }

  /** R13: the same bytes again, and the same id with another body. */
  @Test
  void aReplayedCallbackHasNoEffect() {
    Answer login = calls.create();
    String id = LoginCalls.newId();
    String data = "{\"ticket\":\"" + login.text("ticket") + "\",\"subject\":\"alice\"}";
    Instant sent = clock.instant();
    try (SubscribedBrowser browser = browser()) {
      subscribe(browser, login);
      browser.snapshot();
      calls.callback(id, sent, "login.scanned", data).hasStatus(204);
      hasState(browser.state(), "SCANNED", 2);
      calls.callback(id, sent, "login.scanned", data).hasStatus(204);
      calls.callback(id, sent, "login.confirmed", data).hasStatus(422);
      clock.advanceSeconds(301);
      calls.callback(LoginCalls.newId(), sent, "login.scanned", data).hasStatus(401);
      assertThat(life.find(login.text("ticket")).orElseThrow().version()).isEqualTo(3);
      hasState(browser.state(), "EXPIRED", 3);
    }
  }

  @Test
  void aCallbackPublishesToAllowedChannels() {
    try (SubscribedBrowser browser = browser()) {
      String id = LoginCalls.newId();
      String push = "{\"channel\":\"everyone\",\"event\":\"news\",\"data\":{\"n\":1}}";
      calls.callback(id, clock.instant(), "message.push", push).hasStatus(204);
      calls.callback(id, clock.instant(), "message.push", push).hasStatus(204);
      JsonNode message = browser.next("message");
      assertThat(message.path("event").asString()).isEqualTo("news");
      assertThat(message.path("data").path("n").asInt()).isOne();
      browser.thenNothing();
      calls
          .callback(
              LoginCalls.newId(),
              clock.instant(),
              "message.push",
              "{\"channel\":\"user:alice\",\"event\":\"news\",\"data\":1}")
          .hasStatus(403);
    }
  }

  /** Case 101 for subscriptions: the answer does not reveal whether the ticket exists. */
  @Test
  void aWrongTokenAndAnUnknownTicketGetTheSameRefusal() {
    Answer login = calls.create();
    try (SubscribedBrowser other = browser()) {
      List<String> refusals = new ArrayList<>();
      refusals.add(other.follow(login.text("ticket"), "w".repeat(43)).next("error").toString());
      refusals.add(other.follow(login.text("ticket"), null).next("error").toString());
      refusals.add(other.follow("A".repeat(22), "w".repeat(43)).next("error").toString());
      assertThat(Set.copyOf(refusals)).hasSize(1);
      assertThat(refusals.getFirst()).contains("403");
      calls.scan(login.text("ticket")).hasStatus(200);
      other.thenNothing();
    }
  }

  /** Case 68. */
  @Test
  void threeSessionsGetTheStateAndAFourthReplacesTheOldest() {
    Answer login = calls.create();
    List<SubscribedBrowser> browsers = new ArrayList<>();
    try {
      for (int i = 0; i < 3; i++) {
        SubscribedBrowser browser = browser();
        browsers.add(browser);
        subscribe(browser, login);
        hasState(browser.snapshot(), "ISSUED", 1);
        clock.advanceSeconds(1);
      }
      calls.scan(login.text("ticket")).hasStatus(200);
      browsers.forEach(browser -> hasState(browser.state(), "SCANNED", 2));

      SubscribedBrowser fourth = browser();
      browsers.add(fourth);
      subscribe(fourth, login);
      hasState(fourth.snapshot(), "SCANNED", 2);
      JsonNode bye = browsers.getFirst().next("bye");
      assertThat(bye.path("reason").asString()).isEqualTo("replaced");
      assertThat(browsers.getFirst().closeCode()).isEqualTo(4409);
      calls.confirm(login.text("ticket"), login.body().path("matchCode").asInt()).hasStatus(200);
      browsers.subList(1, 4).forEach(browser -> hasState(browser.state(), "CONFIRMED", 3));
    } finally {
      browsers.forEach(SubscribedBrowser::close);
    }
  }

  @Test
  void aSessionFollowsUpToFourOpenLogins() {
    try (SubscribedBrowser browser = browser()) {
      List<Answer> logins = new ArrayList<>();
      for (int i = 0; i < 5; i++) {
        logins.add(calls.create());
      }
      for (Answer login : logins.subList(0, 4)) {
        subscribe(browser, login);
        hasState(browser.snapshot(), "ISSUED", 1);
      }
      subscribe(browser, logins.getLast());
      assertThat(browser.next("error").path("problem").path("type").asString())
          .endsWith("too-many-subscriptions");

      calls.cancel(logins.getFirst()).hasStatus(204);
      hasState(browser.state(), "CANCELLED", 2);
      subscribe(browser, logins.getLast());
      hasState(browser.snapshot(), "ISSUED", 1);
    }
  }

  /** The session stays open, and subscribing again to an ended login has no lasting effect. */
  @ParameterizedTest
  @CsvSource({"while following", "before following"})
  void theFinalStateEndsTheSubscriptionButNotTheSession(String when) {
    Answer login = calls.create();
    try (SubscribedBrowser browser = browser()) {
      if (when.startsWith("while")) {
        subscribe(browser, login);
        hasState(browser.snapshot(), "ISSUED", 1);
        calls.cancel(login).hasStatus(204);
        hasState(browser.state(), "CANCELLED", 2);
      } else {
        calls.cancel(login).hasStatus(204);
        subscribe(browser, login);
        hasState(browser.snapshot(), "CANCELLED", 2);
      }
      browser.send(
          "{\"type\":\"unsubscribe\",\"id\":\"u\",\"channel\":\"login:"
              + login.text("ticket")
              + "\"}");
      assertThat(browser.next("error").path("problem").path("type").asString())
          .endsWith("not-following");
      browser.thenNothing();
    }
  }

  /** Case 72, R9, R19. */
  @Test
  void statesContainNoUserAndNoSecret() {
    Answer login = calls.create();
    try (SubscribedBrowser browser = browser()) {
      subscribe(browser, login);
      List<JsonNode> states = new ArrayList<>(List.of(browser.snapshot()));
      Answer scanned = calls.scan(login.text("ticket"));
      states.add(browser.state());
      calls.confirm(login.text("ticket"), login.body().path("matchCode").asInt()).hasStatus(200);
      states.add(browser.state());
      String code = calls.exchange(login).text("grantCode");
      states.add(browser.state());
      assertThat(states).allSatisfy(state -> assertThat(FIELDS).containsAll(state.propertyNames()));
      assertThat(states.toString())
          .doesNotContain("alice", code, login.text("watchToken"), scanned.text("phoneToken"));
    }
  }

  /** Case 72 in each state. */
  @ParameterizedTest
  @EnumSource(TicketState.class)
  void statesHaveAFixedSetOfFields(TicketState state) {
    Ticket ticket = TicketFixtures.in(state, clock.instant());
    JsonNode snapshot = JsonMapper.shared().valueToTree(LoginSnapshot.of(ticket, clock.instant()));
    assertThat(FIELDS).containsAll(snapshot.propertyNames());
    assertThat(snapshot.toString())
        .doesNotContain(
            "alice", "Chrome", BearerSecrets.hash(TicketFixtures.WATCH), "\"42\"", ":42");
  }

  /** Cases 78 and 81: a node changed the ticket and failed before it published. */
  @Test
  void anUnpublishedStateIsReadFromTheStore() {
    Answer login = calls.create();
    try (SubscribedBrowser browser = browser()) {
      subscribe(browser, login);
      hasState(browser.snapshot(), "ISSUED", 1);
      Ticket issued = life.store().find(login.text("ticket")).orElseThrow();
      Ticket scanned =
          TicketFixtures.RULES
              .apply(issued, TicketFixtures.scan("alice"), life.store().now())
              .ticket();
      assertThat(life.store().replace(issued, scanned)).isTrue();
      hasState(browser.state(), "SCANNED", 2);
      calls.confirm(login.text("ticket"), login.body().path("matchCode").asInt()).hasStatus(200);
      hasState(browser.state(), "CONFIRMED", 3);
      browser.thenNothing();
    }
  }

  @Test
  void expiryIsDeliveredOncePerSubscriber() {
    Answer login = calls.create();
    try (SubscribedBrowser browser = browser()) {
      subscribe(browser, login);
      browser.snapshot();
      clock.advanceSeconds(120);
      life.sweep();
      life.sweep();
      hasState(browser.state(), "EXPIRED", 2);
      browser.thenNothing();
    }
  }
}

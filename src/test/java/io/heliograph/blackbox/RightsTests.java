package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.support.TestTab;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/**
 * The risk: a right outlives the token that gave it, or ends without a word to the client that
 * could renew it.
 */
class RightsTests extends BlackBox {

  private final String user = fresh("holder");
  private final String topic = "topic:" + fresh("rights");

  /**
   * The session's token and the token of the subscribe name the topic or not; then the session's
   * token is renewed by one that names it or not, or not at all. Each right of the beginning lasts
   * 60 s, each renewed one is still good.
   */
  @ParameterizedTest(
      name = "session token {0}, subscribe token {1}, renewed {2}: follows after {3}")
  @CsvSource({
    "names, none,   with,    true",
    "names, none,   without, false",
    "names, names,  with,    true",
    "names, names,  without, false",
    "names, longer, with,    true",
    "names, longer, without, true",
    "bare,  names,  with,    true",
    "bare,  names,  without, false",
    "bare,  longer, with,    true",
    "bare,  longer, without, true",
    "none,  names,  never,   false",
    "none,  longer, never,   true",
    "none,  names,  with,    true",
    "none,  names,  without, false",
    "none,  longer, without, true"
  })
  void whatRestedOnATokenEndsWithIt(
      String sessionToken, String subscribeToken, String renewed, boolean follows) {
    TestTab tab =
        switch (sessionToken) {
          case "names" -> browser.withToken(backend.token(user, "60s", new String[] {topic}));
          case "bare" -> browser.withToken(backend.token(user, "60s", new String[0]));
          default -> browser.connectAnonymously();
        };
    String token =
        switch (subscribeToken) {
          case "names" -> backend.token("", "60s", new String[] {topic});
          case "longer" -> backend.token("", topic);
          default -> null;
        };
    assertThat(tab.subscribe(topic, token, null).get("type").stringValue()).isEqualTo("subscribed");
    if (renewed.equals("with")) {
      assertThat(auth(tab, backend.token(user, topic)).get("type").stringValue())
          .isEqualTo("authenticated");
    } else if (renewed.equals("without")) {
      assertThat(auth(tab, backend.token(user)).get("type").stringValue())
          .isEqualTo("authenticated");
    }
    clock.advance(Duration.ofSeconds(62));
    if (follows) {
      anotherTick();
      backend.pushAll(topic, "still yours");
      tab.receives("still yours").thenNothing();
    } else {
      isNotifiedOfTheEnd(tab);
      backend.pushAll(topic, "not for you");
      tab.thenNothing();
      assertThat(tab.request("unsubscribe", Map.of("channel", topic)).at("/problem/status").asInt())
          .isEqualTo(409);
    }
  }

  @Test
  void aRightThatEndedIsReportedWithItsChannelAndCanBeTakenUpAgain() {
    var tab = browser.connect(user);
    String from =
        tab.subscribe(topic, backend.token("", "60s", new String[] {topic}), null)
            .get("position")
            .stringValue();
    clock.advance(Duration.ofSeconds(62));
    isNotifiedOfTheEnd(tab);
    backend.pushAll(topic, "meanwhile");
    JsonNode again = tab.subscribe(topic, backend.token("", topic), from);
    assertThat(again.get("recovered").booleanValue()).isTrue();
    tab.receives("meanwhile").thenNothing();
  }

  @Test
  void aSubscribeWithAFreshTokenRenewsTheRightAndLosesAndRepeatsNothing() {
    var tab = browser.connect(user);
    JsonNode first = tab.subscribe(topic, backend.token("", "60s", new String[] {topic}), null);
    backend.pushAll(topic, "one");
    tab.receives("one");
    String fresh = backend.token("", "120s", new String[] {topic});
    backend.pushAll(topic, "two");
    JsonNode renewed = tab.subscribe(topic, fresh, null);
    assertThat(renewed.get("type").stringValue()).isEqualTo("subscribed");
    assertThat(renewed.get("recovered").booleanValue()).isTrue();
    assertThat(expires(renewed)).isAfter(expires(first));
    clock.advance(Duration.ofSeconds(62));
    anotherTick();
    backend.pushAll(topic, "three");
    tab.receives("two", "three").thenNothing();
    clock.advance(Duration.ofSeconds(62));
    isNotifiedOfTheEnd(tab);
  }

  @Test
  void anOlderTokenShownLastDoesNotShortenTheRight() {
    var tab = browser.connect(user);
    JsonNode longer = tab.subscribe(topic, backend.token("", topic), null);
    JsonNode older = tab.subscribe(topic, backend.token("", "60s", new String[] {topic}), null);
    assertThat(expires(older)).isEqualTo(expires(longer));
  }

  @Test
  void aRefusedRenewalLeavesTheRightAsItWas() {
    var tab = browser.connect(user);
    tab.subscribe(topic, backend.token("", topic), null);
    assertThat(tab.subscribe(topic, "nonsense", null).at("/problem/status").intValue())
        .isEqualTo(403);
    backend.pushAll(topic, "still yours");
    tab.receives("still yours").thenNothing();
  }

  @Test
  void twoSubscribesAtOnceLoseNothing() {
    for (int i = 0; i < 50; i++) {
      String busy = "topic:" + fresh("busy");
      var tab = browser.connect(fresh("hurried"), busy);
      String frame = "{\"type\":\"subscribe\",\"id\":%d,\"channel\":\"" + busy + "\"}";
      tab.send(frame.formatted(1)).send(frame.formatted(2));
      backend.pushAll(busy, "one", "two");
      assertMessagesFollowThePositions(tab);
    }
  }

  /** Whatever was pushed after the position of the first answer comes, once. */
  private static void assertMessagesFollowThePositions(TestTab tab) {
    long last = -1;
    int answers = 0;
    tab.send("{\"type\":\"ping\",\"id\":\"end\"}");
    for (JsonNode frame = tab.next(); ; frame = tab.next()) {
      switch (frame.get("type").stringValue()) {
        case "subscribed" -> {
          answers++;
          long offset = offset(frame);
          assertThat(offset).as("%s", frame).isIn(offset, last);
          last = last < 0 ? offset : last;
          assertThat(offset).as("the second answer: %s", frame).isEqualTo(last);
        }
        case "message" -> {
          assertThat(offset(frame)).as("%s", frame).isEqualTo(last + 1);
          last = offset(frame);
        }
        default -> {
          assertThat(frame.get("type").stringValue()).isEqualTo("pong");
          if (answers == 2) {
            return;
          }
          tab.send("{\"type\":\"ping\",\"id\":\"end\"}");
        }
      }
    }
  }

  private static long offset(JsonNode frame) {
    String position = frame.get("position").stringValue();
    return Long.parseLong(position.substring(position.lastIndexOf(':') + 1));
  }

  // What the frames say ---------------------------------------------------------------------------

  @Test
  void welcomeAndAuthenticatedSayWhenTheIdentityEnds() {
    assertThat(browser.connectAnonymously().welcome().has("expires")).isFalse();
    var tab = browser.withToken(backend.token(user, "60s", new String[0]));
    Instant end = expires(tab.welcome());
    assertThat(end).isBetween(clock.instant().plusSeconds(55), clock.instant().plusSeconds(61));
    assertThat(expires(auth(tab, backend.token(user)))).isAfter(end);
  }

  @Test
  void subscribedSaysWhenTheRightEndsUnlessItIsTheSessions() {
    var tab = browser.connect(user, topic);
    assertThat(tab.subscribe(topic).has("expires")).isFalse();
    assertThat(tab.subscribe("everyone").has("expires")).isFalse();
    String other = "topic:" + fresh("other");
    assertThat(expires(tab.subscribe(other, backend.token("", "60s", new String[] {other}), null)))
        .isBetween(clock.instant().plusSeconds(55), clock.instant().plusSeconds(61));
  }

  // The session's token ---------------------------------------------------------------------------

  @Test
  void aSessionOfChannelsAloneIsRenewedByAnotherTokenOfChannels() {
    var tab = browser.withToken(backend.token("", "60s", new String[] {topic}));
    tab.subscribe(topic);
    JsonNode answer = auth(tab, backend.token("", topic));
    assertThat(answer.get("type").stringValue()).isEqualTo("authenticated");
    assertThat(answer.has("user")).isFalse();
    clock.advance(Duration.ofSeconds(62));
    anotherTick();
    backend.pushAll(topic, "still here");
    tab.receives("still here").thenNothing();
  }

  @ParameterizedTest(name = "a token of {0}")
  @CsvSource({"somebody else", "nobody"})
  void aTokenOfAnotherIdentityIsRefusedAndTheSessionStaysAsItWas(String whose) {
    var tab = browser.connect(user, topic);
    tab.subscribe(topic);
    JsonNode answer =
        auth(
            tab,
            whose.equals("nobody")
                ? backend.token("", topic)
                : backend.token(fresh("impostor"), topic));
    assertThat(answer.get("type").stringValue()).isEqualTo("error");
    assertThat(answer.at("/problem/status").intValue()).isEqualTo(403);
    backend.pushAll("user:" + user, "still me");
    backend.pushAll(topic, "still mine");
    tab.receives("still me", "still mine").thenNothing();
  }

  @Test
  void aBadTokenIsAnsweredAndTheSessionKeepsItsOldEnd() {
    double refused = count("heliograph.frames.refused", "reason", "token");
    var tab = browser.withToken(backend.token(user, "60s", new String[0]));
    JsonNode answer = auth(tab, "nonsense");
    assertThat(answer.get("type").stringValue()).isEqualTo("error");
    assertThat(answer.at("/problem/type").stringValue()).isEqualTo("/problems/token-refused");
    assertThat(answer.at("/problem/status").intValue()).isEqualTo(401);
    assertThat(count("heliograph.frames.refused", "reason", "token")).isEqualTo(refused + 1);
    backend.pushAll("user:" + user, "still me");
    tab.receives("still me").thenNothing();
    clock.advance(Duration.ofSeconds(62));
    tab.byeAndClose("token", 4401);
  }

  @Test
  void aLoopOfBadTokensIsStopped() {
    var tab = browser.connect(user);
    for (int i = 0; i < 60; i++) {
      tab.send("{\"type\":\"auth\",\"id\":" + i + ",\"token\":\"nonsense\"}");
    }
    JsonNode frame = tab.next();
    int answers = 0;
    while (frame.get("type").stringValue().equals("error")) {
      answers++;
      frame = tab.next();
    }
    assertThat(answers).isBetween(10, 40);
    assertThat(frame.get("reason").stringValue()).isEqualTo("too_many");
    tab.closesWith(4429);
  }

  // Large tokens ----------------------------------------------------------------------------------

  @Test
  void theLargestTokenThatIsIssuedPassesEveryWay() {
    String[] channels = channelsFor(6 * 1024);
    String token = backend.token(user, channels);
    assertThat(token.length()).isGreaterThan(5_500);
    var tab = browser.withToken(token);
    assertThat(auth(tab, token).get("type").stringValue()).isEqualTo("authenticated");
    var anonymous = browser.connectAnonymously();
    assertThat(anonymous.subscribe(channels[0], token, null).get("type").stringValue())
        .isEqualTo("subscribed");
    assertThat(
            browser
                .open("Origin: http://localhost", "Authorization: Bearer " + token)
                .welcome()
                .get("user")
                .stringValue())
        .isEqualTo(user);
  }

  @Test
  void aTokenThatWouldNotPassIsRefusedWhenItIsIssued() {
    String[] channels = new String[64];
    for (int i = 0; i < channels.length; i++) {
      channels[i] = "topic:" + "x".repeat(120) + i;
    }
    var names = io.heliograph.support.TestBackend.JSON.valueToTree(channels);
    var answer =
        backend.post("/v1/tokens", "{\"user\":\"" + user + "\",\"channels\":" + names + "}");
    assertThat(answer.status()).isEqualTo(400);
    assertThat(answer.text("detail")).contains("6144").contains("channels");
  }

  /** As many as fit into a token of this length. */
  private static String[] channelsFor(int length) {
    int each = 90;
    String[] channels = new String[(int) ((length - 400) * 3L / 4 / (each + 3))];
    for (int i = 0; i < channels.length; i++) {
      channels[i] = "topic:" + "t".repeat(each - 8) + (10 + i);
    }
    return channels;
  }

  // Helpers ---------------------------------------------------------------------------------------

  private static JsonNode auth(TestTab tab, String token) {
    return tab.request("auth", Map.of("token", token));
  }

  private static Instant expires(JsonNode frame) {
    return Instant.parse(frame.get("expires").stringValue());
  }

  private void isNotifiedOfTheEnd(TestTab tab) {
    JsonNode error = tab.next("error");
    assertThat(error.get("channel").stringValue()).isEqualTo(topic);
    assertThat(error.has("id")).isFalse();
    assertThat(error.at("/problem/type").stringValue()).isEqualTo("/problems/subscription-expired");
    assertThat(error.at("/problem/status").intValue()).isEqualTo(401);
  }

  /** A session whose token ended after the others' is closed in a tick that visited all of them. */
  private void anotherTick() {
    var other = browser.withToken(backend.token(fresh("other"), "1s", new String[0]));
    clock.advance(Duration.ofSeconds(2));
    other.byeAndClose("token", 4401);
  }
}

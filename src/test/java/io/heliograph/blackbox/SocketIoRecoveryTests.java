package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.support.EngineClient;
import io.heliograph.support.LogScan;
import io.heliograph.support.TestBackend;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.springframework.test.context.TestPropertySource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/**
 * The risk: a client that comes back misses messages and learns that it has all, gets some twice,
 * or follows what it may not, or not any more.
 */
@TestPropertySource(properties = "heliograph.socketio.enabled=true")
class SocketIoRecoveryTests extends BlackBox {

  private static final String PATH = "/socket.io/";

  private final String user = fresh("returning");
  private final String one = "topic:" + fresh("recovery");
  private final String two = "topic:" + fresh("recovery");

  /** As socket.io-client: it keeps its private id and the last offset it got. */
  private final class Page implements AutoCloseable {

    private @Nullable EngineClient engine;
    private @Nullable String privateId;
    private @Nullable String offset;
    private boolean recovered;
    final Map<String, String> positions = new HashMap<>();

    /** Answers the data of the welcome. */
    JsonNode connect(ObjectNode auth) {
      engine = EngineClient.onSocket(port, PATH, "Origin: http://localhost");
      engine.next();
      if (privateId != null) {
        auth.put("pid", privateId).put("offset", offset);
      }
      engine.send("40" + auth);
      JsonNode connected = TestBackend.JSON.readTree(engine.next().substring(2));
      String id = connected.path("pid").asString(null);
      recovered = privateId != null && privateId.equals(id);
      privateId = id;
      return event("welcome").get(1);
    }

    JsonNode connect(String token) {
      return connect(token(token));
    }

    JsonNode next() {
      String packet = engine().next();
      JsonNode arguments = TestBackend.JSON.readTree(packet.substring(packet.indexOf('[')));
      JsonNode last = arguments.get(arguments.size() - 1);
      if (packet.startsWith("42") && last.isString()) {
        offset = last.stringValue();
      }
      JsonNode meta = arguments.get(2);
      if (meta != null && meta.has("position")) {
        positions.put(meta.get("channel").stringValue(), meta.get("position").stringValue());
      }
      return arguments;
    }

    JsonNode event(String name) {
      JsonNode event = next();
      assertThat(event.get(0).stringValue()).as("%s", event).isEqualTo(name);
      return event;
    }

    void receives(String... texts) {
      for (String text : texts) {
        assertThat(event("message").get(1).stringValue()).isEqualTo(text);
      }
    }

    JsonNode ask(String arguments) {
      engine().send("421" + arguments);
      return next().get(0);
    }

    void nothingElse() {
      assertThat(ask("[\"ping\"]").get("type").stringValue()).isEqualTo("pong");
    }

    private EngineClient engine() {
      if (engine == null) {
        throw new IllegalStateException("not connected");
      }
      return engine;
    }

    /** The connection ends, and the server has noticed. */
    void loses() {
      double lost = count("heliograph.closes", "reason", "gone");
      engine().close();
      await().until(() -> count("heliograph.closes", "reason", "gone") > lost);
    }

    @Override
    public void close() {
      if (engine != null) {
        engine.close();
      }
    }
  }

  private static ObjectNode token(String token) {
    return TestBackend.JSON.createObjectNode().put("token", LogScan.secret(token));
  }

  private static void isRecovered(Page page, JsonNode welcome, boolean recovered) {
    assertThat(page.recovered).as("%s", welcome).isEqualTo(recovered);
    assertThat(welcome.get("recovered").booleanValue()).as("%s", welcome).isEqualTo(recovered);
  }

  @Test
  void theTokensChannelsAreSubscribedUnlessTheClientNamesSome() {
    String token = backend.token(user, one, two);
    try (Page page = new Page()) {
      assertThat(page.connect(token).get("channels"))
          .extracting(JsonNode::stringValue)
          .containsExactlyInAnyOrder("everyone", "user:" + user, one, two);
    }
    try (Page page = new Page()) {
      ObjectNode auth = token(token);
      auth.putArray("channels").add(two);
      assertThat(page.connect(auth).get("channels"))
          .extracting(JsonNode::stringValue)
          .containsExactlyInAnyOrder("everyone", "user:" + user, two);
      backend.pushAll(one, "not asked for");
      backend.pushAll(two, "asked for");
      page.receives("asked for");
    }
  }

  @Test
  void positionsAreExactOnEachChannel() {
    String token = backend.token(user, one, two);
    try (Page page = new Page()) {
      JsonNode begin = page.connect(token).get("positions");
      page.positions.put(two, begin.get(two).stringValue());
      page.positions.put("everyone", begin.get("everyone").stringValue());
      page.positions.put("user:" + user, begin.get("user:" + user).stringValue());
      backend.pushAll(one, "a", "b");
      page.receives("a", "b");
      page.loses();
      backend.pushAll(two, "c");
      backend.pushAll(one, "d");
      backend.pushAll("user:" + user, "e");

      ObjectNode auth = token(token);
      ObjectNode positions = auth.putObject("positions");
      page.positions.forEach(positions::put);
      JsonNode welcome = page.connect(auth);
      assertThat(welcome.get("recovered").booleanValue()).isTrue();
      assertThat(
              page.next().get(1).stringValue()
                  + page.next().get(1).stringValue()
                  + page.next().get(1).stringValue())
          .contains("c", "d", "e");
      page.nothingElse();
    }
  }

  @Test
  void aPositionThatIsGoneIsNamedAndTheOthersGoOn() {
    String token = backend.token(user, one, two);
    try (Page page = new Page()) {
      page.connect(token);
      backend.pushAll(one, "a");
      page.receives("a");
      page.loses();
      backend.pushAll(one, "b");
      backend.pushAll(two, "left");

      ObjectNode auth = token(token);
      auth.putObject("positions").put(one, page.positions.get(one)).put(two, "elsewhere:7");
      JsonNode welcome = page.connect(auth);
      assertThat(welcome.get("recovered").booleanValue()).isFalse();
      assertThat(welcome.get("lost")).extracting(JsonNode::stringValue).containsExactly(two);
      assertThat(page.next().get(1).stringValue() + page.next().get(1).stringValue())
          .contains("b", "left");
      page.nothingElse();
    }
  }

  @Test
  void aSessionIsRecoveredAgainAndAgain() {
    String token = backend.token(user, one, two);
    try (Page page = new Page()) {
      page.connect(token);
      for (int i = 0; i < 3; i++) {
        backend.pushAll(one, "read " + i);
        page.receives("read " + i);
        page.loses();
        backend.pushAll(two, "missed " + i);
        isRecovered(page, page.connect(token), true);
        page.receives("missed " + i);
        page.nothingElse();
      }
    }
  }

  @Test
  void aClientThatGotNoMessageYetIsRecoveredToo() {
    String token = backend.token(user, one);
    try (Page page = new Page()) {
      page.connect(token);
      page.loses();
      backend.pushAll(one, "missed");
      isRecovered(page, page.connect(token), true);
      page.receives("missed");
      page.nothingElse();
    }
  }

  @Test
  void whatWasSentAndDidNotArriveIsSentAgain() {
    String token = backend.token(user, one, two);
    try (Page page = new Page()) {
      page.connect(token);
      backend.pushAll(one, "arrived");
      page.receives("arrived");
      String arrived = page.offset;
      backend.pushAll(two, "lost on the way");
      backend.pushAll(one, "lost, too");
      page.receives("lost on the way", "lost, too");
      page.loses();
      page.offset = arrived;
      isRecovered(page, page.connect(token), true);
      assertThat(page.next().get(1).stringValue() + page.next().get(1).stringValue())
          .contains("lost on the way", "lost, too");
      page.nothingElse();
    }
  }

  @Test
  void anOffsetThatWasNeverSentRecoversNothing() {
    String token = backend.token(user, one);
    try (Page page = new Page()) {
      page.connect(token);
      page.loses();
      page.offset = one + "@elsewhere:7";
      backend.pushAll(one, "missed");
      JsonNode welcome = page.connect(token);
      isRecovered(page, welcome, false);
      assertThat(welcome.get("lost"))
          .extracting(JsonNode::stringValue)
          .containsExactlyInAnyOrder("everyone", "user:" + user, one);
      backend.pushAll(one, "from now on");
      page.receives("from now on");
    }
  }

  @Test
  void aPrivateIdIsGoodOnce() {
    String token = backend.token(user, one);
    try (Page page = new Page();
        Page copy = new Page()) {
      page.connect(token);
      page.loses();
      copy.privateId = page.privateId;
      copy.offset = page.offset;
      isRecovered(page, page.connect(token), true);
      isRecovered(copy, copy.connect(token), false);
    }
  }

  @Test
  void rightsOfSingleChannelsAreRecoveredWhileTheyLast() {
    String login = backend.token(user);
    String capability = LogScan.secret(backend.token("", one));
    try (Page page = new Page()) {
      page.connect(login);
      page.ask("[\"subscribe\",\"%s\",{\"token\":\"%s\"}]".formatted(one, capability));
      page.loses();
      backend.pushAll(one, "missed");
      isRecovered(page, page.connect(login), true);
      page.receives("missed");

      page.loses();
      clock.advance(Duration.ofMinutes(11));
      backend.pushAll(one, "not yours any more");
      JsonNode welcome = page.connect(backend.token(user));
      isRecovered(page, welcome, false);
      page.nothingElse();
    }
  }

  @Test
  void whatWasUnsubscribedStaysSo() {
    String token = backend.token(user, one, two);
    try (Page page = new Page()) {
      page.connect(token);
      page.ask("[\"unsubscribe\",\"%s\"]".formatted(one));
      page.loses();
      backend.pushAll(one, "not wanted");
      backend.pushAll(two, "wanted");
      JsonNode welcome = page.connect(token);
      isRecovered(page, welcome, true);
      assertThat(welcome.get("channels").toString()).doesNotContain(one);
      page.receives("wanted");
      page.nothingElse();
    }
  }

  @Test
  void anotherUserRecoversNothing() {
    try (Page page = new Page()) {
      page.connect(backend.token(user, one));
      page.loses();
      backend.pushAll("user:" + user, "secret");
      String other = fresh("other");
      JsonNode welcome = page.connect(backend.token(other));
      isRecovered(page, welcome, false);
      assertThat(welcome.get("channels").toString()).doesNotContain(one, user);
      page.nothingElse();
    }
  }

  @Test
  void aClientThatLeavesInGoodOrderComesBackAsANewSession() {
    String token = backend.token(user, one);
    try (Page page = new Page()) {
      page.connect(token);
      page.engine().send("41");
      while (!page.engine().next().startsWith("closed")) {
        // It says bye first.
      }
      isRecovered(page, page.connect(token), false);
    }
  }

  @Test
  void aSessionThatFollowedALoginIsNotRecovered() {
    JsonNode login =
        backend.post("/v1/logins", "{\"challenge\":\"" + "V".repeat(43) + "\"}").json();
    String watch = LogScan.secret(login.get("watchToken").stringValue());
    try (Page page = new Page()) {
      page.connect(backend.token(user, one));
      JsonNode answer =
          page.ask(
              "[\"subscribe\",\"login:%s\",{\"token\":\"%s\"}]"
                  .formatted(login.get("ticket").stringValue(), watch));
      assertThat(answer.has("state")).as("%s", answer).isTrue();
      page.loses();
      isRecovered(page, page.connect(backend.token(user, one)), false);
    }
  }

  @Test
  void channelsWithoutAPositionGoOnByThePrivateIdOrAreNamed() {
    String token = backend.token(user, one, two);
    try (Page page = new Page();
        Page other = new Page()) {
      page.connect(token);
      backend.pushAll(one, "a");
      page.receives("a");
      page.loses();
      backend.pushAll(two, "missed");
      ObjectNode both = token(token);
      both.putObject("positions").put(one, page.positions.get(one));
      assertThat(page.connect(both).get("recovered").booleanValue()).isTrue();
      page.receives("missed");
      page.nothingElse();

      ObjectNode positionsAlone = token(token);
      positionsAlone.putObject("positions").put(one, page.positions.get(one));
      JsonNode welcome = other.connect(positionsAlone);
      assertThat(welcome.get("recovered").booleanValue()).isFalse();
      assertThat(welcome.get("lost"))
          .extracting(JsonNode::stringValue)
          .containsExactlyInAnyOrder("everyone", "user:" + user, two);
    }
  }

  @Test
  void aPageThatKnowsNoPositionYetIsRecoveredByItsPrivateId() {
    String token = backend.token(user, one);
    try (Page page = new Page()) {
      ObjectNode first = token(token);
      first.putObject("positions");
      assertThat(page.connect(first).get("recovered").booleanValue()).isTrue();
      page.loses();
      backend.pushAll(one, "missed");
      ObjectNode again = token(token);
      again.putObject("positions");
      isRecovered(page, page.connect(again), true);
      page.receives("missed");
    }
  }
}

package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.support.TestTab;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/** The risk: a message says that another user sent it. */
class ForgedSenderTests extends BlackBox {

  private final String alice = fresh("alice");
  private final String room = "topic:" + fresh("room");
  private TestTab reader;

  @BeforeEach
  void read() {
    reader = browser.connect(fresh("reader"), room);
    reader.subscribe(room);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "\"from\":\"bob\"",
        "\"from\":null",
        "\"user\":\"bob\"",
        "\"sender\":\"bob\"",
        "\"fr\\u006fm\":\"bob\"",
        "\"key\":\"k\"",
        "\"ttl\":1"
      })
  void aFieldThatClientsDoNotHaveIsRefused(String field) {
    TestTab writer = browser.withToken(backend.sender(alice, room));
    JsonNode answer = writer.send(publish("1," + field)).next("error");
    assertThat(answer.at("/problem/status").intValue()).isEqualTo(400);
    reader.thenNothing();
  }

  @Test
  void aFieldThatIsThereTwiceEndsTheConnection() {
    TestTab writer = browser.withToken(backend.sender(alice, room));
    writer.send(publish("1,\"data\":2")).ends(4400);
    reader.thenNothing();
  }

  @Test
  void whatTheDataSaysIsDataAlone() {
    TestTab writer = browser.withToken(backend.sender(alice, room));
    String lie =
        "{\"from\":\"bob\",\"type\":\"message\",\"text\":\"\\\",\\\"from\\\":\\\"bob\\\"\"}";
    writer.send(publish(lie)).next("published");
    JsonNode message = reader.next("message");
    assertThat(message.get("from").stringValue()).isEqualTo(alice);
    assertThat(message.get("data").toString()).isEqualTo(lie);
  }

  @Test
  void noHeaderOfTheHandshakeNamesTheSender() {
    TestTab writer =
        browser.open(
            "Authorization: Bearer " + backend.sender(alice, room),
            "From: bob",
            "X-User: bob",
            "Heliograph-From: bob");
    writer.send(publish("1")).next("published");
    assertThat(reader.next("message").get("from").stringValue()).isEqualTo(alice);
  }

  @Test
  void aBackendNamesNoSenderEither() {
    assertThat(backend.post("/v1/channels/" + room + "/messages", "{\"data\":1,\"from\":\"bob\"}"))
        .extracting(answer -> answer.status())
        .isEqualTo(400);
    assertThat(
            backend
                .post(
                    "/v1/messages", "[{\"channel\":\"" + room + "\",\"data\":1,\"from\":\"bob\"}]")
                .body())
        .contains("from");
    reader.thenNothing();
    backend.push(room, "x", "", "From", "bob");
    assertThat(reader.next("message").has("from")).isFalse();
  }

  @Test
  void afterAnotherTokenTheSenderIsItsUser() {
    TestTab writer = browser.withToken(backend.sender(alice, room));
    // A session keeps its user: with the token of another one it stays who it was.
    writer
        .send(
            "{\"type\":\"auth\",\"id\":1,\"token\":\"" + backend.sender(fresh("bob"), room) + "\"}")
        .next("error");
    writer.send(publish("1")).next("published");
    assertThat(reader.next("message").get("from").stringValue()).isEqualTo(alice);
  }

  private String publish(String data) {
    return "{\"type\":\"publish\",\"id\":1,\"channel\":\"%s\",\"data\":%s}".formatted(room, data);
  }
}

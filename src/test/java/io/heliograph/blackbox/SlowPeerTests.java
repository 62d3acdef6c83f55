package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.heliograph.support.RawSocket;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.test.context.TestPropertySource;

/** The risk: a caller sends or reads just enough to be waited for without end. */
@TestPropertySource(
    properties = {
      "heliograph.server.body-timeout=1s",
      "heliograph.server.answer-timeout=1s",
      "heliograph.server.stream-idle=1s",
      "heliograph.websocket.handshake-timeout=1s",
      "heliograph.websocket.half-open-per-address=10"
    })
class SlowPeerTests extends BlackBox {

  private final ScheduledExecutorService drips = Executors.newSingleThreadScheduledExecutor();
  private final RawSocket[] open = new RawSocket[30];

  private RawSocket connect() {
    open[0] = RawSocket.connect(port);
    return open[0];
  }

  /** A byte now and then, until the connection ends. */
  private RawSocket dripping(RawSocket client, String piece) {
    drips.scheduleAtFixedRate(() -> client.send(piece), 0, 50, TimeUnit.MILLISECONDS);
    return client;
  }

  @AfterEach
  void close() {
    drips.shutdownNow();
    for (RawSocket client : open) {
      if (client != null) {
        client.close();
      }
    }
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> meters.get("heliograph.exchanges.slow").gauge().value() == 0);
  }

  @Test
  @SuppressWarnings("StringConcatToTextBlock") // line ends are CRLF
  void aBodyThatDripsIsAnswered408AndTheConnectionEnds() {
    double cut = count("heliograph.exchanges.cut", "reason", "body");
    RawSocket client =
        dripping(
            connect()
                .send(
                    "POST /v1/logins HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n"
                        + "Content-Type: application/json\r\nContent-Length: 16000\r\n\r\n"),
            " ");
    String head = client.readHead();
    assertThat(head).startsWith("HTTP/1.1 408 ");
    assertThat(client.readRest()).contains("/problems/request-timeout");
    assertThat(count("heliograph.exchanges.cut", "reason", "body")).isEqualTo(cut + 1);
  }

  @ParameterizedTest
  @CsvSource({
    "/v1/channels/topic:a/messages, Bearer nobodys, 401",
    "/nothing/here, , 404",
  })
  void aRefusalDoesNotWaitForItsBodyAndEndsTheConnection(String path, String key, int status) {
    RawSocket client =
        dripping(
            connect()
                .send(
                    "POST "
                        + path
                        + " HTTP/1.1\r\nHost: localhost\r\n"
                        + (key == null ? "" : "Authorization: " + key + "\r\n")
                        + "Content-Type: application/json\r\nContent-Length: 1600000\r\n\r\n"),
            " ");
    assertThat(client.readHead()).startsWith("HTTP/1.1 " + status + " ");
    client.readRest();
    assertThat(client.ends()).isTrue();
  }

  @Test
  void aClientThatReadsNoAnswerLosesTheConnection() {
    double cut = count("heliograph.exchanges.cut", "reason", "answer");
    RawSocket client = connect();
    String request = "GET /openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n";
    client.send(request.repeat(1000));
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> count("heliograph.exchanges.cut", "reason", "answer") > cut);
  }

  @Test
  void aSecondHeadHasADeadlineToo() {
    RawSocket client =
        connect().send("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\nGET /livez HTTP/1.1\r\nX: ");
    assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
    double slow = count("heliograph.handshakes", "outcome", "slow");
    dripping(client, "x");
    client.readRest();
    assertThat(client.ends()).isTrue();
    assertThat(count("heliograph.handshakes", "outcome", "slow")).isEqualTo(slow + 1);
  }

  @Test
  void secondHeadsCountAsHalfOpenToo() {
    double cut = count("heliograph.handshakes", "outcome", "half_open");
    for (int i = 0; i < open.length; i++) {
      open[i] = RawSocket.connect(port).send("GET /livez HTTP/1.1\r\nHost: localhost\r\n\r\n");
      assertThat(open[i].readHead()).startsWith("HTTP/1.1 200 ");
    }
    for (RawSocket client : open) {
      client.send("GET ");
    }
    await()
        .atMost(Duration.ofSeconds(30))
        .until(() -> count("heliograph.handshakes", "outcome", "half_open") > cut);
  }

  @Test
  void aConnectionThatIsKeptWithoutARequestStays() throws Exception {
    RawSocket client = connect();
    for (int i = 0; i < 2; i++) {
      client.send("GET /livez HTTP/1.1\r\nHost: localhost\r\nAccept: */*\r\n\r\n");
      assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
      // Longer than any of the deadlines above, which do not concern it.
      TimeUnit.MILLISECONDS.sleep(1500);
      client.readAvailable();
    }
  }

  @Test
  void aStreamThatStandsStillIsBrokenOffAndDoesNotLookWhole() {
    String line = "{\"channel\":\"topic:s\",\"data\":1}\n";
    RawSocket client =
        connect()
            .send(
                "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\n"
                    + "Content-Type: application/x-ndjson\r\n"
                    + backend.authorization()
                    + "\r\nTransfer-Encoding: chunked\r\n\r\n"
                    + Integer.toHexString(line.length())
                    + "\r\n"
                    + line
                    + "\r\n");
    assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
    assertThat(client.readUntil("\"index\":0")).isTrue();
    assertThatThrownBy(() -> client.readUntil("0\r\n\r\n"))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("reset");
  }

  /** Its answer ends where the connection ends, so only a reset shows that something is missing. */
  @Test
  void aStreamThatIsBrokenOffDoesNotLookWholeToWhoAskedToClose() {
    String line = "{\"channel\":\"topic:s\",\"data\":1}\n";
    RawSocket client =
        connect()
            .send(
                "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n"
                    + "Content-Type: application/x-ndjson\r\n"
                    + backend.authorization()
                    + "\r\nContent-Length: 1000\r\n\r\n"
                    + line);
    assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
    assertThatThrownBy(() -> client.readUntil("text that never comes"))
        .isInstanceOf(UncheckedIOException.class)
        .hasMessageContaining("reset");
  }

  @Test
  void aStreamThatMovesLastsLongerThanABodyMay() {
    String line = "{\"channel\":\"topic:s\",\"data\":1}\n";
    String chunk = Integer.toHexString(line.length()) + "\r\n" + line + "\r\n";
    RawSocket client =
        connect()
            .send(
                "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\n"
                    + "Content-Type: application/x-ndjson\r\n"
                    + backend.authorization()
                    + "\r\nTransfer-Encoding: chunked\r\n\r\n");
    var sender = drips.scheduleAtFixedRate(() -> client.send(chunk), 0, 100, TimeUnit.MILLISECONDS);
    assertThat(client.readHead()).startsWith("HTTP/1.1 200 ");
    assertThat(client.readUntil("\"index\":30")).isTrue();
    sender.cancel(false);
    await().until(sender::isDone);
    client.send("0\r\n\r\n");
    assertThat(client.readUntil("\r\n0\r\n\r\n")).isTrue();
  }
}

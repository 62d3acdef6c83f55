package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.support.RawSocket;
import io.heliograph.support.TestBackend.Answer;
import io.heliograph.support.TestTab;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The risk: callers that let the server wait take what others need. */
class StarvationTests extends BlackBox {

  /** More than any pool that Jetty or Boot have by default. */
  private static final int MANY = 1200;

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final List<RawSocket> flood = new ArrayList<>();
  private final List<String> users = new ArrayList<>();
  private final List<TestTab> tabs = new ArrayList<>();

  @BeforeEach
  void twentyBrowsers() {
    for (int i = 0; i < 20; i++) {
      String user = fresh("ordinary");
      users.add(user);
      tabs.add(browser.connect(user));
    }
  }

  @AfterEach
  void nothingIsLeft() {
    flood.forEach(RawSocket::close);
    await()
        .atMost(PATIENCE)
        .untilAsserted(
            () -> {
              assertThat(meters.get("heliograph.exchanges.slow").gauge().value()).isZero();
              assertThat(meters.get("heliograph.waits").gauges()).allMatch(g -> g.value() == 0);
            });
  }

  /** Everybody else is served. */
  private void othersAreServed() {
    for (int round = 0; round < 3; round++) {
      assertThat(backend.get("/livez").status()).isEqualTo(200);
      assertThat(backend.get("/readyz").status()).isEqualTo(200);
      for (int i = 0; i < users.size(); i++) {
        backend.pushAll("user:" + users.get(i), "push " + round);
        tabs.get(i).receives("push " + round);
      }
      alive();
    }
  }

  private void flood(int size, String request) {
    for (int i = 0; i < size; i++) {
      flood.add(RawSocket.connect(port).send(request));
    }
  }

  private static String post(String path, String... headers) {
    return "POST "
        + path
        + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        + String.join("", headers)
        + "Content-Length: 16000\r\n\r\n";
  }

  private void waiting(int atLeast) {
    await()
        .atMost(PATIENCE)
        .until(() -> meters.get("heliograph.exchanges.slow").gauge().value() >= atLeast);
  }

  @Test
  void bodiesThatNeverCome() {
    flood(MANY, post("/v1/logins"));
    waiting(201);
    othersAreServed();
  }

  @Test
  void bodiesOfCallbacksThatNeverComeFromAClientThatHasShutItsOutput() {
    flood(MANY, post("/callbacks/shop"));
    flood.stream().limit(MANY / 2).forEach(RawSocket::shutOutput);
    othersAreServed();
  }

  @Test
  void bodiesOfRefusedRequests() {
    flood(MANY / 2, post("/v1/channels/topic:a/messages", "Authorization: Bearer nobodys\r\n"));
    flood(MANY / 2, post("/nothing/here"));
    othersAreServed();
    for (RawSocket refused : flood) {
      assertThat(refused.readHead()).matches("(?s)HTTP/1.1 40[14] .*");
    }
  }

  @Test
  void answersThatAreNotRead() {
    flood(300, "GET /heliograph.js HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(200));
    othersAreServed();
  }

  @Test
  void postsThatAskForAWebSocketTakeNoTurnOfAHandshake() {
    flood(3000, post("/ws", "Upgrade: websocket\r\nConnection: Upgrade\r\n"));
    othersAreServed();
    assertThat(meters.get("heliograph.handshakes.waiting").gauge().value()).isZero();
  }

  @Test
  void publishesThatWaitForReceipts() {
    List<CompletableFuture<Answer>> waits = new ArrayList<>();
    String silentUser = fresh("silent");
    try (var silent = new io.heliograph.support.TestBrowser(backend)) {
      silent.connect(silentUser);
      for (int i = 0; i < 300; i++) {
        waits.add(backend.pushing("user:" + silentUser, "x", "wait=acked&timeout=8s"));
      }
      await()
          .atMost(PATIENCE)
          .until(() -> meters.get("heliograph.waits").tag("kind", "receipt").gauge().value() > 250);
      othersAreServed();
    }
    waits.forEach(wait -> assertThat(wait.join().status()).isEqualTo(200));
  }

  @Test
  void streamsThatAreOpenAndMoreThanOneKeyMayHave() {
    String head =
        "POST /v1/messages HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-ndjson\r\n"
            + backend.authorization()
            + "\r\nTransfer-Encoding: chunked\r\n\r\n";
    flood(250, head);
    await()
        .atMost(PATIENCE)
        .until(() -> meters.get("heliograph.waits").tag("kind", "stream").gauge().value() == 100);
    othersAreServed();
    long refused =
        flood.stream()
            .filter(stream -> stream.available() > 0)
            .map(RawSocket::readHead)
            .filter(answer -> answer.startsWith("HTTP/1.1 429 ") && answer.contains("Retry-After:"))
            .count();
    assertThat(refused).isEqualTo(150);
  }
}

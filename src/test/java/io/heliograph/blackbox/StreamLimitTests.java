package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.session.SessionRegistry;
import io.heliograph.support.RawSocket;
import io.heliograph.support.TestPoller;
import io.heliograph.support.TestStream;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.test.context.TestPropertySource;

/** The risk: streams and polls of one address, or one that is not read, take what others need. */
@TestPropertySource(
    properties = {
      "heliograph.session.max-per-address=4",
      "heliograph.session.send-timeout=1s",
      "heliograph.session.max-queued-bytes=256KB"
    })
class StreamLimitTests extends BlackBox {

  private static final String PAGE = "Sec-Fetch-Site: same-origin";

  @Autowired SessionRegistry registry;

  @Test
  void aStreamThatTakesNothingIsCutAndHarmsNobody() {
    String user = fresh("stuck");
    String token = "Authorization: Bearer " + backend.token(user);
    double slow = count("heliograph.closes", "reason", "slow");
    try (TestStream stuck = TestStream.get(port, "/events", token)) {
      stuck.next("welcome");
      stuck.stopsReading();
      String large = "x".repeat(60_000);
      await()
          .until(
              () -> {
                backend.pushAll("user:" + user, large);
                alive();
                return count("heliograph.closes", "reason", "slow") > slow;
              });
    }
  }

  @Test
  void streamsAndWaitingPollsCountLikeSockets() {
    List<TestStream> streams =
        IntStream.range(0, 3)
            .mapToObj(i -> TestStream.get(port, "/events", PAGE))
            .peek(stream -> stream.next("welcome"))
            .toList();
    var poller = new TestPoller(port, "", null, "Sec-Fetch-Site", "same-origin");
    poller.poll(0);
    CompletableFuture<?> waiting =
        CompletableFuture.supplyAsync(() -> poller.poll(20), Thread::startVirtualThread);
    await().until(registry::size, sessions -> sessions == 4);
    try (TestStream another = TestStream.get(port, "/events", PAGE)) {
      assertThat(another.head()).contains("Content-Length");
    }
    String token = "Authorization: Bearer " + backend.token(fresh("crowded"));
    try (TestStream program = TestStream.get(port, "/events", token)) {
      assertThat(program.status()).isEqualTo(429);
      assertThat(program.head()).contains("Retry-After: ");
    }
    assertThat(new TestPoller(port, "", null, "Sec-Fetch-Site", "same-origin").ask(0).status())
        .isEqualTo(429);
    try (RawSocket elsewhere = RawSocket.connect(port, "127.0.0.9")) {
      elsewhere.send("GET /events HTTP/1.1\r\nHost: localhost\r\n" + PAGE + "\r\n\r\n");
      assertThat(elsewhere.readHead()).startsWith("HTTP/1.1 200 ").contains("chunked");
    }
    streams.forEach(TestStream::close);
    backend.pushAll("everyone", "the poll ends");
    waiting.join();
    await()
        .untilAsserted(
            () -> {
              try (TestStream again = TestStream.get(port, "/events", PAGE)) {
                assertThat(again.head()).contains("chunked");
              }
            });
  }
}

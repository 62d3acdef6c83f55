package io.heliograph.operate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.support.Nginx;
import io.heliograph.support.Node;
import io.heliograph.support.RawSocket;
import io.heliograph.support.TestAuthority;
import io.heliograph.support.TestPoller;
import io.heliograph.support.TestStream;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The risk: a proxy keeps a stream back, or TLS ends it in another way. */
@TestInstance(Lifecycle.PER_CLASS)
class ProxiedStreamTests {

  private Node node;

  @BeforeAll
  void start() {
    node = Node.start();
  }

  @AfterAll
  void stop() {
    node.close();
  }

  private Nginx nginx(Path directory, String more) throws IOException {
    return Nginx.plainly(node.port(), directory, more);
  }

  /** As it comes out of the box nginx buffers, and speaks HTTP/1.0 to the service. */
  @ParameterizedTest
  @ValueSource(strings = {"", "proxy_http_version 1.1;"})
  void eachEventLeavesNginxAtOnceAndWhoLeavesIsGone(String version, @TempDir Path files)
      throws Exception {
    String user = "behind" + version.length();
    String token = node.backend().token(user);
    try (Nginx nginx = nginx(files, version)) {
      TestStream stream = TestStream.get(nginx.port(), "/events", "Authorization: Bearer " + token);
      stream.next("welcome");
      node.backend().pushAll("user:" + user, "one");
      stream.receives("one");
      node.backend().pushAll("user:" + user, "two");
      stream.receives("two");
      var poller = new TestPoller(nginx.port(), "", null, "Authorization", "Bearer " + token);
      poller.poll(0);
      poller.poll(1);
      stream.close();
      await()
          .until(
              () -> node.backend().get("/v1/sessions?user=" + user).json().get("sessions").size(),
              left -> left == 0);
    }
  }

  @Test
  void withoutTheHeaderNginxWouldKeepEventsBack(@TempDir Path files) throws Exception {
    String token = node.backend().token("held");
    try (Nginx holding = nginx(files, "proxy_ignore_headers X-Accel-Buffering;")) {
      String request =
          "GET /events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token + "\r\n\r\n";
      try (RawSocket held = RawSocket.connect(holding.port()).send(request);
          TestStream direct =
              TestStream.get(node.port(), "/events", "Authorization: Bearer " + token)) {
        direct.next("welcome");
        node.backend().pushAll("user:held", "one", "two");
        direct.receives("one", "two");
        await()
            .until(
                () -> node.backend().get("/v1/sessions?user=held").json().get("sessions").size(),
                sessions -> sessions == 2);
        assertThat(held.available()).isZero();
      }
    }
  }

  @Test
  void overTlsAStreamIsChunkedEndsInGoodOrderAndIsNoticedWhenItIsLeft(@TempDir Path files)
      throws Exception {
    String token = node.backend().token("covered");
    String request =
        "GET /events HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer " + token + "\r\n\r\n";
    try (Node tls =
        Node.withTls(
            TestAuthority.in(files, "node"),
            "heliograph.session.heartbeat=500ms",
            "heliograph.events.lifetime=2s")) {
      try (RawSocket client = RawSocket.connectTls(tls.port()).send(request)) {
        assertThat(client.readHead()).contains("Transfer-Encoding: chunked");
        assertThat(client.readUntil("event: welcome\n")).isTrue();
        assertThat(client.readUntil("event: bye\n")).isTrue();
        assertThat(client.readRest()).endsWith("\r\n0\r\n\r\n");
      }
      RawSocket.connectTls(tls.port()).send(request).close();
      await()
          .until(
              () -> tls.metric("heliograph_sessions{protocol=\"heliograph\",transport=\"sse\"}"),
              sessions -> sessions == 0);
    }
  }
}

package io.heliograph.transport.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.support.RawSocket;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.web.server.LocalServerPort;

/** A response on a connection that was taken over: framing, one writer, and how it ends. */
@SpringBootTest(
    classes = StreamApplication.class,
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = "spring.config.name=streams")
class ResponseStreamTests {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  @LocalServerPort int port;

  @BeforeEach
  void forgetThoseBefore() {
    StreamApplication.opened.clear();
    StreamApplication.ended.clear();
    StreamApplication.requestParts.clear();
  }

  private static String get(String version) {
    return "GET /stream HTTP/" + version + "\r\nHost: localhost\r\n\r\n";
  }

  private static ResponseStream opened() throws InterruptedException {
    ResponseStream stream = StreamApplication.opened.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    assertThat(stream).isNotNull();
    return stream;
  }

  private static @Nullable Boolean ended() throws InterruptedException {
    return StreamApplication.ended.poll(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private static void write(ResponseStream stream, String... texts) {
    var frames = new ByteBuffer[texts.length];
    for (int i = 0; i < texts.length; i++) {
      frames[i] = stream.framing().frame(StreamApplication.bytes(texts[i])).duplicate();
    }
    var written = new CompletableFuture<@Nullable Throwable>();
    stream.write(frames, written::complete);
    assertThat(written.orTimeout(60, TimeUnit.SECONDS).join()).isNull();
  }

  @Test
  void anEndDiffersFromACutWhereChunksAreKnown() throws InterruptedException {
    try (RawSocket client = RawSocket.connect(port).send(get("1.1"))) {
      String head = client.readHead();
      assertThat(head)
          .startsWith("HTTP/1.1 200 ")
          .containsIgnoringCase("Transfer-Encoding: chunked\r\n")
          .containsIgnoringCase("Connection: close\r\n")
          .doesNotContainIgnoringCase("Content-Length");
      ResponseStream stream = opened();
      write(stream, "one", "two");
      stream.send(stream.framing().frame(StreamApplication.bytes(":")));
      stream.end();
      assertThat(client.readRest())
          .isEqualTo("6\r\nfirst\n\r\n3\r\none\r\n3\r\ntwo\r\n1\r\n:\r\n0\r\n\r\n");
      assertThat(ended()).isTrue();
    }
    try (RawSocket client = RawSocket.connect(port).send(get("1.1"))) {
      client.readHead();
      ResponseStream stream = opened();
      write(stream, "one");
      stream.abort();
      assertThat(client.readRest()).endsWith("3\r\none\r\n");
      assertThat(ended()).isFalse();
    }
  }

  @Test
  void olderProxiesGetBareBytes() throws InterruptedException {
    try (RawSocket client = RawSocket.connect(port).send(get("1.0"))) {
      assertThat(client.readHead()).doesNotContainIgnoringCase("Transfer-Encoding");
      ResponseStream stream = opened();
      write(stream, "one");
      stream.end();
      assertThat(client.readRest()).isEqualTo("first\none");
      assertThat(ended()).isTrue();
    }
  }

  @Test
  void aClientThatLeavesIsNoticedWithoutAWrite() throws InterruptedException {
    for (int way = 0; way < 3; way++) {
      try (RawSocket client = RawSocket.connect(port).send(get("1.1"))) {
        client.readHead();
        ResponseStream stream = opened();
        switch (way) {
          case 0 -> client.close();
          case 1 -> client.reset();
          default -> client.shutOutput();
        }
        assertThat(ended()).isFalse();
        assertThat(stream.hasEnded()).isTrue();
        var failed = new CompletableFuture<@Nullable Throwable>();
        stream.write(
            new ByteBuffer[] {stream.framing().frame(StreamApplication.bytes("x"))},
            failed::complete);
        assertThat(failed.join()).isNotNull();
      }
    }
  }

  @Test
  void aClientThatKeepsSendingIsCut() throws InterruptedException {
    try (RawSocket client = RawSocket.connect(port).send(get("1.1") + "a stray line\r\n")) {
      client.readHead();
      ResponseStream stream = opened();
      write(stream, "still here");
      client.send("x".repeat(2000));
      assertThat(ended()).isFalse();
    }
  }

  @Test
  void aStreamThatIsNotReadHoldsOneWriteAndCanBeEnded() throws InterruptedException {
    try (RawSocket client = RawSocket.connect(port).send(get("1.1"))) {
      client.readHead();
      ResponseStream stream = opened();
      String large = "x".repeat(16 << 20);
      var done = new CompletableFuture<@Nullable Throwable>();
      stream.write(
          new ByteBuffer[] {stream.framing().frame(StreamApplication.bytes(large)).duplicate()},
          done::complete);
      assertThat(done).isNotDone();
      stream.end();
      // It does not take the rest, and is cut.
      assertThat(ended()).isFalse();
      assertThat(done.orTimeout(60, TimeUnit.SECONDS).join()).isNotNull();
    }
  }

  @Test
  void nothingOfTheRequestOutlivesIt() throws InterruptedException {
    try (RawSocket client = RawSocket.connect(port).send(get("1.1"))) {
      client.readHead();
      ResponseStream stream = opened();
      await()
          .atMost(PATIENCE)
          .untilAsserted(
              () -> {
                System.gc();
                assertThat(StreamApplication.requestParts)
                    .extracting(WeakReference::get)
                    .containsOnlyNulls();
              });
      assertThat(stream.hasEnded()).isFalse();
    }
  }

  @Test
  void anEndpointHasItsPathAndMethodsAndNoOthers() {
    assertThat(answer("POST /stream")).startsWith("HTTP/1.1 405 ").contains("Allow: GET\r\n");
    assertThat(answer("HEAD /stream")).startsWith("HTTP/1.1 405 ");
    assertThat(answer("OPTIONS /stream")).startsWith("HTTP/1.1 204 ").contains("Allow: GET\r\n");
    assertThat(answer("GET /stream/")).startsWith("HTTP/1.1 404 ");
    assertThat(answer("GET /below/a/b")).startsWith("HTTP/1.1 200 ").endsWith("GET /below/a/b");
    assertThat(answer("GET /below")).startsWith("HTTP/1.1 404 ");
  }

  private String answer(String request) {
    try (RawSocket client = RawSocket.connect(port)) {
      client.send(request + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
      return client.readRest();
    }
  }
}

package io.heliograph.upstream;

import static io.heliograph.support.StandInBackend.raw;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.standardwebhooks.Webhook;
import io.heliograph.support.LogScan;
import io.heliograph.support.Node;
import io.heliograph.support.RawFrame;
import io.heliograph.support.StandInBackend;
import io.heliograph.support.StandInBackend.ChunkedBody;
import io.heliograph.support.TestBackend;
import io.heliograph.support.TestBrowser;
import io.heliograph.support.TestTab;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.lang.management.ManagementFactory;
import java.net.http.HttpHeaders;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/**
 * The risk: an upload arrives changed, is collected in memory, or an incomplete one counts as
 * complete.
 */
@SuppressWarnings("NullAway.Init") // started before the tests
class UploadTests {

  private static final String SECRET = "whsec_3wJk9Qv2mXb7LpZ8nRt5YcH1dFg4Sa6U";
  private static final int MAX = 64 * 1024 * 1024;
  private static final byte[] NOTHING = {};

  private static StandInBackend backend;
  private static Node node;

  private LogScan logs;
  private TestBrowser browser;
  private final Random random = new Random(7);

  @BeforeAll
  static void start() {
    backend = new StandInBackend();
    node =
        Node.start(
            "heliograph.upstream.upload-url=" + backend.url(),
            "heliograph.upstream.secret=" + SECRET,
            "heliograph.upstream.upload-timeout=10s",
            "heliograph.upstream.max-upload=64MB",
            "heliograph.upstream.max-uploads=2",
            "heliograph.upstream.allow-internal=localhost");
  }

  @AfterAll
  static void stop() {
    node.close();
    backend.close();
  }

  @BeforeEach
  void connect() {
    logs = new LogScan();
    LogScan.secret(SECRET);
    browser = new TestBrowser(node.backend());
  }

  @AfterEach
  void end() {
    browser.close();
    await().until(() -> node.metric("heliograph_upstream_active{kind=\"upload\"}") == 0);
    logs.requireNoSecret();
    logs.close();
  }

  private TestTab uploader(String user) {
    TestBackend.Answer token =
        node.backend().post("/v1/tokens", "{\"user\":\"" + user + "\",\"upload\":true}");
    return browser.withToken(token.text("token"));
  }

  /** Announces an upload and returns the answer. */
  private static JsonNode announce(TestTab tab, String id, String more) {
    return tab.send(
            "{\"type\":\"upload\",\"id\":\"%s\",\"name\":\"voice\",\"contentType\":\"audio/ogg\"%s}"
                .formatted(id, more))
        .next();
  }

  private static TestTab ready(TestTab tab, String id) {
    assertThat(announce(tab, id, "").toString())
        .isEqualTo("{\"type\":\"ready\",\"id\":\"" + id + "\"}");
    return tab;
  }

  private static int status(JsonNode answer) {
    assertThat(answer.get("type").stringValue()).as("%s", answer).isEqualTo("error");
    return answer.at("/problem/status").intValue();
  }

  private static String digest(MessageDigest sha256) {
    return "sha-256=:" + Base64.getEncoder().encodeToString(sha256.digest()) + ':';
  }

  private static MessageDigest sha256() throws Exception {
    return MessageDigest.getInstance("SHA-256");
  }

  /**
   * Reads the body and answers with the number of its bytes, their digest, and the digest in the
   * trailer.
   */
  private static void echo(Map<String, String> headers, ChunkedBody body, OutputStream out)
      throws IOException {
    try {
      MessageDigest sha256 = sha256();
      long length = 0;
      int chunks = 0;
      for (byte[] chunk = body.next(); chunk.length > 0; chunk = body.next()) {
        sha256.update(chunk);
        length += chunk.length;
        chunks++;
      }
      answer(
          out,
          "{\"length\":%d,\"chunks\":%d,\"digest\":\"%s\",\"trailer\":\"%s\"}"
              .formatted(length, chunks, digest(sha256), body.trailers().get("content-digest")));
    } catch (IOException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException(e);
    }
  }

  private static void answer(OutputStream out, String text) throws IOException {
    StandInBackend.respond(out, 200, "application/json", text);
  }

  @ParameterizedTest
  @CsvSource({
    "1, 20000",
    "125, 10485760",
    "126, 10485760",
    "65535, 10485760",
    "65536, 10485760",
    "1048576, 10485760",
    "10485760, 10485760"
  })
  void fragmentsArriveAtTheBackendCompleteAndWithTheirDigest(int fragment, int size)
      throws Exception {
    backend.onUpload(UploadTests::echo);
    TestTab tab = ready(uploader("alice"), "u1");
    MessageDigest sha256 = sha256();
    byte[] bytes = new byte[fragment];
    int pings = 0;
    for (int sent = 0; sent < size; sent += bytes.length) {
      random.nextBytes(bytes);
      if (size - sent < bytes.length) {
        bytes = Arrays.copyOf(bytes, size - sent);
      }
      sha256.update(bytes);
      boolean last = sent + bytes.length == size;
      int opcode = sent == 0 ? RawFrame.BINARY : RawFrame.CONTINUATION;
      tab.send(last ? RawFrame.of(opcode, bytes) : RawFrame.fragment(opcode, bytes));
      if (!last && (long) sent * 20 / size >= pings) {
        tab.send(RawFrame.of(RawFrame.PING, new byte[] {(byte) pings++}));
      }
    }
    JsonNode data = tab.next("result").get("data");
    assertThat(data.get("length").intValue()).isEqualTo(size);
    assertThat(data.get("digest").stringValue()).isEqualTo(digest(sha256));
    assertThat(data.get("trailer")).isEqualTo(data.get("digest"));
    if (fragment == 1) {
      // Small fragments are collected while a write is in progress.
      assertThat(data.get("chunks").intValue()).isLessThan(size / 2);
    }
    tab.thenNothing();
  }

  @Test
  void theRequestNamesTheSenderInASignedHeader() throws Exception {
    CompletableFuture<Map<String, String>> request = new CompletableFuture<>();
    backend.onUpload(
        (headers, body, out) -> {
          request.complete(headers);
          echo(headers, body, out);
        });
    TestTab tab = uploader("alice");
    tab.send(
        "{\"type\":\"upload\",\"id\":\"\u00e4 1\",\"name\":\"na\u00efve"
            + " \ud83d\ude00\",\"contentType\":\"audio/ogg; codecs=opus\",\"size\":3}");
    tab.next("ready");
    tab.send(RawFrame.of(RawFrame.BINARY, new byte[] {1, 2, 3})).next("result");
    Map<String, String> headers = joined(request);
    assertThat(headers)
        .containsEntry("content-type", "application/octet-stream")
        .containsEntry("transfer-encoding", "chunked")
        .containsEntry("trailer", "Content-Digest")
        .doesNotContainKey("content-length");
    String about = headers.get("heliograph-upload");
    assertThat(about).matches("[\\x20-\\x7e]+");
    assertThat(TestBackend.JSON.readTree(about).toString())
        .isEqualTo(
            "{\"id\":\"\u00e4 1\",\"user\":\"alice\",\"session\":\"%s\",\"name\":\"na\u00efve \ud83d\ude00\",\"contentType\":\"audio/ogg; codecs=opus\",\"size\":3}"
                .formatted(tab.session()));
    new Webhook(SECRET)
        .verify(
            about,
            HttpHeaders.of(
                headers.entrySet().stream()
                    .filter(each -> each.getKey().startsWith("webhook-"))
                    .collect(Collectors.toMap(Map.Entry::getKey, each -> List.of(each.getValue()))),
                (_, _) -> true));
  }

  @Test
  void eachFragmentIsPassedOnWithoutWaitingForTheNext() {
    LinkedBlockingQueue<Integer> received = new LinkedBlockingQueue<>();
    backend.onUpload(
        (headers, body, out) -> {
          for (byte[] chunk = body.next(); chunk.length > 0; chunk = body.next()) {
            received.add(chunk.length);
          }
          answer(out, "null");
        });
    TestTab tab = ready(uploader("alice"), "u1");
    for (int i = 1; i <= 10; i++) {
      tab.send(RawFrame.fragment(i == 1 ? RawFrame.BINARY : RawFrame.CONTINUATION, new byte[i]));
      assertThat(take(received)).isEqualTo(i);
    }
    tab.send(RawFrame.of(RawFrame.CONTINUATION, NOTHING)).next("result");
  }

  @Test
  void aBackendThatDoesNotReadSlowsTheClientAndMemoryStaysBounded() throws Exception {
    CountDownLatch gate = new CountDownLatch(1);
    backend.onUpload(
        (headers, body, out) -> {
          awaitQuietly(gate);
          echo(headers, body, out);
        });
    TestTab tab = ready(uploader("held"), "u1");
    MessageDigest sha256 = sha256();
    // More than the kernel's buffers of two connections.
    int size = 32 * 1024 * 1024;
    byte[] bytes = new byte[64 * 1024];
    AtomicLong sent = new AtomicLong();
    CompletableFuture<Void> sending =
        CompletableFuture.runAsync(
            () -> {
              while (sent.get() < size) {
                random.nextBytes(bytes);
                sha256.update(bytes);
                int opcode = sent.get() == 0 ? RawFrame.BINARY : RawFrame.CONTINUATION;
                boolean last = sent.get() + bytes.length == size;
                tab.send(last ? RawFrame.of(opcode, bytes) : RawFrame.fragment(opcode, bytes));
                sent.addAndGet(bytes.length);
              }
            },
            Thread::startVirtualThread);
    long before = usedHeap();
    // Shorter than upload-timeout.
    AtomicLong last = new AtomicLong(-1);
    await().until(() -> sent.get() > 0 && last.getAndSet(sent.get()) == sent.get());
    assertThat(sent.get()).isLessThan(size);
    assertThat(usedHeap() - before).isLessThan(8 * 1024 * 1024);
    node.backend().push("user:held", "meanwhile");
    tab.receives("meanwhile");
    gate.countDown();
    joined(sending);
    JsonNode data = tab.next("result").get("data");
    assertThat(data.get("length").intValue()).isEqualTo(size);
    assertThat(data.get("digest").stringValue()).isEqualTo(digest(sha256));
  }

  private static long usedHeap() {
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }

  @Test
  void aLostConnectionEndsTheRequestWithoutItsLastChunk() {
    LinkedBlockingQueue<Integer> first = new LinkedBlockingQueue<>();
    CompletableFuture<Throwable> end = readsOn(first);
    TestTab tab = ready(uploader("alice"), "u1");
    tab.send(RawFrame.fragment(RawFrame.BINARY, new byte[1000]));
    assertThat(take(first)).isEqualTo(1000);
    tab.cut();
    assertThat(joined(end)).isInstanceOf(EOFException.class);
  }

  @Test
  void aClientCanCloseTheConnectionDuringAnUpload() {
    LinkedBlockingQueue<Integer> first = new LinkedBlockingQueue<>();
    CompletableFuture<Throwable> end = readsOn(first);
    TestTab tab = ready(uploader("alice"), "u1");
    tab.send(RawFrame.fragment(RawFrame.BINARY, new byte[1000]));
    assertThat(take(first)).isEqualTo(1000);
    tab.send(RawFrame.close(1000, "")).closesWith(1000);
    assertThat(joined(end)).isInstanceOf(EOFException.class);
  }

  /**
   * A backend that reads the whole body. It reports the length of the first chunk and how the body
   * ended: with an exception, or an error if there was a last chunk.
   */
  private static CompletableFuture<Throwable> readsOn(LinkedBlockingQueue<Integer> first) {
    CompletableFuture<Throwable> end = new CompletableFuture<>();
    backend.onUpload(
        (_, body, _) -> {
          try {
            first.add(body.next().length);
            while (body.next().length > 0) {
              // continue to the end of the body
            }
            end.complete(new AssertionError("it had a last chunk"));
          } catch (IOException e) {
            end.complete(e);
            throw e;
          }
        });
    return end;
  }

  // Rights and limits -----------------------------------------------------------------------------

  @Test
  void anUploadNeedsARightInTheToken() {
    for (TestTab tab : List.of(browser.connect("alice"), browser.connectAnonymously())) {
      assertThat(status(announce(tab, "u1", ""))).isEqualTo(403);
      tab.send(RawFrame.of(RawFrame.BINARY, new byte[1])).ends(1003);
    }
  }

  @Test
  void aBinaryMessageWithoutAnAnnouncementIsRefused() {
    uploader("alice").send(RawFrame.of(RawFrame.BINARY, new byte[1])).ends(1003);
    backend.onUpload(UploadTests::echo);
    TestTab tab = ready(uploader("alice"), "u1");
    tab.send(RawFrame.of(RawFrame.BINARY, new byte[1])).next("result");
    tab.send(RawFrame.of(RawFrame.BINARY, new byte[1])).ends(1003);
  }

  @Test
  void anUploadThatIsTooLargeIsRefusedOrItsConnectionClosed() {
    backend.onUpload(UploadTests::echo);
    TestTab tab = uploader("alice");
    assertThat(status(announce(tab, "u1", ",\"size\":" + (MAX + 1)))).isEqualTo(413);
    announce(tab, "u2", ",\"size\":10");
    tab.send(RawFrame.fragment(RawFrame.BINARY, new byte[10]));
    tab.send(RawFrame.of(RawFrame.CONTINUATION, new byte[1])).ends(1009);
  }

  @Test
  void anUploadShorterThanAnnouncedIsNotCompletedAtTheBackend() {
    LinkedBlockingQueue<Integer> first = new LinkedBlockingQueue<>();
    CompletableFuture<Throwable> end = readsOn(first);
    TestTab tab = uploader("alice");
    announce(tab, "u1", ",\"size\":10");
    tab.send(RawFrame.fragment(RawFrame.BINARY, new byte[9]));
    assertThat(take(first)).isEqualTo(9);
    tab.send(RawFrame.of(RawFrame.CONTINUATION, NOTHING));
    assertThat(status(tab.next("error"))).isEqualTo(400);
    assertThat(joined(end)).isInstanceOf(EOFException.class);
    tab.thenNothing();
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "\"name\":\"\",\"contentType\":\"a/b\"",
        "\"name\":\"a\\u0000b\",\"contentType\":\"a/b\"",
        "\"name\":\"a\\r\\nwebhook-id: x\",\"contentType\":\"a/b\"",
        "\"name\":\"\\ud83d\",\"contentType\":\"a/b\"",
        "\"name\":\"a\",\"contentType\":\"nonsense\"",
        "\"name\":\"a\",\"contentType\":\"a/b\\r\\nX: y\"",
        "\"name\":\"a\",\"contentType\":\"a/b\",\"size\":-1",
        "\"name\":\"a\",\"contentType\":\"a/b\",\"size\":1.5",
        "\"name\":\"a\",\"contentType\":\"a/b\",\"size\":\"1\"",
        "\"name\":\"a\",\"contentType\":\"a/b\",\"user\":\"bob\"",
        "\"contentType\":\"a/b\""
      })
  void anInvalidAnnouncementIsRefused(String fields) {
    TestTab tab = uploader("alice");
    assertThat(status(tab.send("{\"type\":\"upload\",\"id\":1," + fields + "}").next()))
        .isEqualTo(400);
  }

  @Test
  void concurrentUploadsOfASessionAndOfTheNodeAreLimited() {
    CountDownLatch gate = new CountDownLatch(1);
    backend.onUpload(
        (headers, body, out) -> {
          awaitQuietly(gate);
          echo(headers, body, out);
        });
    TestTab first = ready(uploader("alice"), "u1");
    assertThat(status(announce(first, "u2", ""))).isEqualTo(429);
    TestTab second = ready(uploader("bob"), "u1");
    TestTab third = uploader("carol");
    assertThat(status(announce(third, "u1", ""))).isEqualTo(503);
    second.cut();
    await().until(() -> node.metric("heliograph_upstream_active{kind=\"upload\"}") == 1);
    ready(third, "u2");
    gate.countDown();
    first.send(RawFrame.of(RawFrame.BINARY, new byte[1])).next("result");
    third.send(RawFrame.of(RawFrame.BINARY, new byte[1])).next("result");
    ready(first, "u3").send(RawFrame.of(RawFrame.BINARY, NOTHING)).next("result");
  }

  @Test
  void emptyFragmentsCountAgainstTheFrameLimit() {
    backend.onUpload(UploadTests::echo);
    TestTab tab = ready(uploader("alice"), "u1");
    tab.send(RawFrame.fragment(RawFrame.BINARY, new byte[1]));
    for (int i = 0; i < 400; i++) {
      tab.send(RawFrame.fragment(RawFrame.CONTINUATION, NOTHING));
    }
    tab.ends(4429);
  }

  // What goes wrong at the backend ----------------------------------------------------------------

  @Test
  void anEarlyAnswerReachesTheClientAndTheRemainingBytesAreDiscarded() {
    backend.onUpload(
        (_, body, out) -> {
          body.next();
          StandInBackend.respond(out, 415, "application/problem+json", "{\"title\":\"No ogg\"}");
        });
    TestTab tab = ready(uploader("alice"), "u1");
    tab.send(RawFrame.fragment(RawFrame.BINARY, new byte[1000]));
    JsonNode refused = tab.next("error");
    assertThat(status(refused)).isEqualTo(415);
    assertThat(refused.at("/problem/title").stringValue()).isEqualTo("No ogg");
    byte[] more = new byte[100_000];
    for (int i = 0; i < 100; i++) {
      tab.send(RawFrame.fragment(RawFrame.CONTINUATION, more));
    }
    tab.send(RawFrame.of(RawFrame.CONTINUATION, more)).thenNothing();
    backend.onUpload(UploadTests::echo);
    JsonNode next = ready(tab, "u2").send(RawFrame.of(RawFrame.BINARY, more)).next("result");
    assertThat(next.at("/data/length").intValue()).isEqualTo(more.length);
  }

  @Test
  void aFailureBeforeTheFirstByteDoesNotAffectTheNextUpload() {
    backend.onUpload(
        (_, body, out) -> {
          body.next();
          raw(out, "HTTP/1.1 500 Ouch\r\nContent-Length: 0\r\n\r\n");
        });
    TestTab tab = ready(uploader("alice"), "u1");
    // The client stops sending: the upload times out, and its next message is another upload.
    assertThat(status(tab.next("error"))).isEqualTo(408);
    backend.onUpload(UploadTests::echo);
    JsonNode next = ready(tab, "u2").send(RawFrame.of(RawFrame.BINARY, new byte[3])).next("result");
    assertThat(next.get("id").stringValue()).isEqualTo("u2");
    assertThat(next.at("/data/length").intValue()).isEqualTo(3);
  }

  @Test
  void anUploadWithoutAnAnswerOfTheBackendTimesOut() {
    CountDownLatch never = new CountDownLatch(1);
    backend.onUpload(
        (_, body, _) -> {
          while (body.next().length > 0) {
            // continue to the end of the body
          }
          awaitQuietly(never);
        });
    TestTab tab = ready(uploader("alice"), "u1");
    tab.send(RawFrame.of(RawFrame.BINARY, new byte[1000]));
    assertThat(status(tab.next("error"))).isEqualTo(504);
    never.countDown();
    tab.thenNothing();
  }

  @Test
  void aBackendThatClosesTheConnectionIsReportedAsAProblem() {
    backend.onUpload(
        (_, body, _) -> {
          body.next();
          throw new IOException("hangs up");
        });
    TestTab tab = ready(uploader("alice"), "u1");
    tab.send(RawFrame.fragment(RawFrame.BINARY, new byte[1000]));
    assertThat(status(tab.next("error"))).isEqualTo(502);
    tab.send(RawFrame.of(RawFrame.CONTINUATION, new byte[1000])).thenNothing();
  }

  // -----------------------------------------------------------------------------------------------

  private static <T> T take(BlockingQueue<T> queue) {
    try {
      T value = queue.poll(30, TimeUnit.SECONDS);
      assertThat(value).isNotNull();
      return value;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  private static <T> T joined(CompletableFuture<T> future) {
    return future.orTimeout(180, TimeUnit.SECONDS).join();
  }

  private static void awaitQuietly(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

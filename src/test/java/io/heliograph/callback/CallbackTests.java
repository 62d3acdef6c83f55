package io.heliograph.callback;

import static io.heliograph.callback.SignatureVectors.bytes;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.broker.Broker;
import io.heliograph.broker.BrokerListener;
import io.heliograph.broker.BrokerUnavailableException;
import io.heliograph.broker.ReceiptWish;
import io.heliograph.login.LoginOutcome;
import io.heliograph.login.Refusal;
import io.heliograph.login.TicketState;
import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.Published;
import io.heliograph.support.DelegatingBroker;
import io.heliograph.support.ManualClock;
import io.micrometer.core.instrument.MeterRegistry;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import org.springframework.http.HttpHeaders;

/** Callbacks over real HTTP: valid, forged, repeated and malformed ones (R13, R14). */
@SpringBootTest(
    webEnvironment = WebEnvironment.RANDOM_PORT,
    properties = {
      "management.server.port=0",
      "heliograph.security.api-key=a-key-of-the-backend-for-callbacks-0123456789",
      "heliograph.callbacks.sources.shop.secrets[0].value=" + SignatureVectors.SECRET,
      "heliograph.callbacks.sources.shop.secrets[1].value=" + SignatureVectors.OTHER_SECRET,
      "heliograph.callbacks.sources.shop.secrets[1].not-after=2026-11-21T01:00:00Z",
      "heliograph.callbacks.sources.shop.allowed-channels=user:*,topic:news",
      "heliograph.callbacks.sources.shop.allowed-origins=shop.example.com",
      "heliograph.callbacks.sources.wide.secrets[0].value=" + SignatureVectors.SECRET,
      "heliograph.callbacks.sources.wide.allowed-channels=*",
      "heliograph.callbacks.sources.wide.max-body=1KB",
      "heliograph.callbacks.sources.scans.secrets[0].value=" + SignatureVectors.SECRET,
      "heliograph.callbacks.sources.scans.allowed-types=login.scanned",
      "heliograph.callbacks.sources.scans.rate=3",
      "heliograph.callbacks.sources.hub.scheme=github",
      "heliograph.callbacks.sources.hub.secrets[0].value=" + SignatureVectors.GITHUB_SECRET,
      "heliograph.callbacks.sources.stripe.scheme=stripe",
      "heliograph.callbacks.sources.stripe.secrets[0].value=" + SignatureVectors.GITHUB_SECRET,
      "heliograph.callbacks.sources.old.retired=true"
    })
class CallbackTests {

  private static final Instant NOW = Instant.parse("2026-11-21T00:00:00Z");
  private static final String TICKET = "AAAAAAAAAAAAAAAAAAAAAA";
  private static final String SCANNED =
      "{\"type\":\"login.scanned\",\"timestamp\":\"2026-11-21T00:00:00Z\",\"data\":{\"ticket\":\""
          + TICKET
          + "\",\"subject\":\"alice\"}}";

  private static final AtomicInteger IDS = new AtomicInteger();

  @TestConfiguration
  static class Fakes {
    @Bean
    @Primary
    ManualClock testClock() {
      return new ManualClock(NOW);
    }

    @Bean
    @Primary
    FakeLogins fakeLogins() {
      return new FakeLogins();
    }

    @Bean
    @Primary
    RecordingBroker recordingBroker(@Qualifier("memoryBroker") Broker broker) {
      return new RecordingBroker(broker);
    }
  }

  /** Records what is published, and is away when a test says so. */
  static class RecordingBroker extends DelegatingBroker {
    final List<String> published = new CopyOnWriteArrayList<>();
    volatile boolean down;
    private final Broker broker;

    RecordingBroker(Broker broker) {
      this.broker = broker;
    }

    @Override
    protected Broker broker() {
      return broker;
    }

    @Override
    protected <T> CompletableFuture<T> answer(Supplier<CompletableFuture<T>> ask) {
      return ask.get();
    }

    @Override
    public void start(BrokerListener listener) {
      broker.start(listener);
    }

    @Override
    public CompletableFuture<Published> publish(
        Channel channel, Draft draft, @Nullable ReceiptWish wish) {
      if (down) {
        return CompletableFuture.failedFuture(new BrokerUnavailableException("down", null));
      }
      published.add(
          String.join(
              " ",
              channel.text(),
              draft.event(),
              draft.data(),
              String.valueOf(draft.ttl()),
              draft.key()));
      return super.publish(channel, draft, wish);
    }
  }

  private final HttpClient http = HttpClient.newHttpClient();

  @LocalServerPort private int port;
  @Autowired private Clock clock;
  @Autowired private FakeLogins logins;
  @Autowired private RecordingBroker broker;
  @Autowired private MeterRegistry meters;

  @BeforeEach
  void begin() {
    ((ManualClock) clock).set(NOW);
    logins.reset();
    logins.answer(TICKET, FakeLogins.DONE);
    broker.published.clear();
    broker.down = false;
  }

  private static String id() {
    return "msg_" + IDS.incrementAndGet();
  }

  private HttpResponse<String> send(
      String method, String path, byte[] body, Map<String, String> headers) throws Exception {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://localhost:" + port + path))
            .method(
                method,
                body.length == 0 ? BodyPublishers.noBody() : BodyPublishers.ofByteArray(body));
    headers.forEach(request::header);
    return http.send(request.build(), BodyHandlers.ofString());
  }

  private HttpResponse<String> post(String source, String id, byte[] body) throws Exception {
    return post(source, id, body, "application/json", Map.of());
  }

  private HttpResponse<String> post(
      String source, String id, byte[] body, String type, Map<String, String> more)
      throws Exception {
    Instant now = clock.instant();
    Map<String, String> headers = new java.util.HashMap<>(more);
    headers.put("Content-Type", type);
    headers.put("webhook-id", id);
    headers.put("webhook-timestamp", Long.toString(now.getEpochSecond()));
    headers.putIfAbsent(
        "webhook-signature", SignatureVectors.standard(SignatureVectors.SECRET, id, now, body));
    return send("POST", "/callbacks/" + source, body, headers);
  }

  private static void problem(HttpResponse<String> answer, int status, String slug) {
    assertThat(answer.body()).contains("\"/problems/" + slug + "\"");
    assertThat(answer.statusCode()).isEqualTo(status);
    assertThat(answer.headers().firstValue(HttpHeaders.CONTENT_TYPE))
        .hasValue("application/problem+json");
  }

  @Test
  void aScanIsAppliedOnceAndAnswered204WithoutABody() throws Exception {
    HttpResponse<String> answer = post("shop", id(), bytes(SCANNED));
    assertThat(answer.statusCode()).isEqualTo(204);
    assertThat(answer.body()).isEmpty();
    assertThat(logins.applied).containsExactly("scanned " + TICKET + " alice app");
    assertThat(
            meters
                .counter("heliograph.callbacks", "source", "shop", "outcome", "processed")
                .count())
        .isPositive();
  }

  @Test
  void confirmationsAndDenialsAreApplied() throws Exception {
    post("shop", id(), bytes(SCANNED.replace("scanned", "confirmed")));
    post("shop", id(), bytes(SCANNED.replace("scanned", "denied")));
    assertThat(logins.applied)
        .containsExactly("confirmed " + TICKET + " alice app", "denied " + TICKET + " alice app");
  }

  /** Case 87, R14. */
  @Test
  void allForgeriesGetTheSameAnswer() throws Exception {
    byte[] body = bytes(SCANNED);
    String id = id();
    List<HttpResponse<String>> answers =
        List.of(
            send("POST", "/callbacks/shop", body, Map.of("Content-Type", "application/json")),
            post("shop", id, body, "application/json", Map.of("webhook-signature", "v1,AAAA")),
            post("shop", id, body, "application/json", Map.of("webhook-signature", "")),
            post(
                "shop",
                id,
                body,
                "application/json",
                Map.of(
                    "webhook-signature",
                    SignatureVectors.standard(
                        SignatureVectors.SECRET, id, NOW, bytes(SCANNED + " ")))),
            post(
                "shop",
                id,
                bytes("not even json"),
                "application/json",
                Map.of("webhook-signature", "v1,AAAA")),
            send(
                "POST",
                "/callbacks/shop",
                body,
                Map.of(
                    "Content-Type",
                    "application/json",
                    "webhook-id",
                    id,
                    "webhook-timestamp",
                    Long.toString(NOW.getEpochSecond() - 360),
                    "webhook-signature",
                    SignatureVectors.standard(
                        SignatureVectors.SECRET, id, NOW.minusSeconds(360), body))),
            send(
                "POST",
                "/callbacks/hub",
                body,
                Map.of(
                    "Content-Type",
                    "application/json",
                    "X-GitHub-Delivery",
                    "d",
                    "X-Hub-Signature",
                    "sha1=0000000000000000000000000000000000000000")));
    for (HttpResponse<String> answer : answers) {
      problem(answer, 401, "callback-unauthenticated");
      assertThat(answer.body().replaceAll("urn:uuid:[0-9a-f-]+", ""))
          .isEqualTo(answers.getFirst().body().replaceAll("urn:uuid:[0-9a-f-]+", ""));
    }
    assertThat(logins.applied).isEmpty();
  }

  /** Case 88. */
  @Test
  void malformedHeadersAreAnsweredWith400() throws Exception {
    for (String timestamp : List.of("abc", "-5", "9999999999999999999")) {
      HttpResponse<String> answer =
          send(
              "POST",
              "/callbacks/shop",
              bytes(SCANNED),
              Map.of(
                  "Content-Type",
                  "application/json",
                  "webhook-id",
                  "a",
                  "webhook-timestamp",
                  timestamp,
                  "webhook-signature",
                  "v1,AAAA"));
      problem(answer, 400, "invalid-request");
    }
  }

  /** Case 90. */
  @Test
  void anOldSecretIsAcceptedAndCountedUntilItsEnd() throws Exception {
    String id = id();
    byte[] body = bytes(SCANNED);
    double before = meters.counter("heliograph.callbacks.retiring", "source", "shop").count();
    assertThat(
            post(
                    "shop",
                    id,
                    body,
                    "application/json",
                    Map.of(
                        "webhook-signature",
                        SignatureVectors.standard(SignatureVectors.OTHER_SECRET, id, NOW, body)))
                .statusCode())
        .isEqualTo(204);
    assertThat(meters.counter("heliograph.callbacks.retiring", "source", "shop").count())
        .isEqualTo(before + 1);
    Instant end = Instant.parse("2026-11-21T01:00:00Z");
    ((ManualClock) clock).set(end);
    problem(
        post(
            "shop",
            id,
            body,
            "application/json",
            Map.of(
                "webhook-signature",
                SignatureVectors.standard(SignatureVectors.OTHER_SECRET, id, end, body))),
        401,
        "callback-unauthenticated");
  }

  /** Case 92, R13. */
  @Test
  void aRepeatedIdGetsTheFirstAnswerAndHasNoSecondEffect() throws Exception {
    String id = id();
    for (int i = 0; i < 3; i++) {
      assertThat(post("shop", id, bytes(SCANNED)).statusCode()).isEqualTo(204);
    }
    assertThat(logins.applied).hasSize(1);
    problem(
        post("shop", id, bytes(SCANNED.replace("alice", "mallory"))),
        422,
        "idempotency-key-reused");
    assertThat(logins.applied).hasSize(1);
  }

  /** Case 92. */
  @Test
  void theSameIdOfAnotherSourceIsAnotherCallback() throws Exception {
    String id = id();
    post("shop", id, bytes(SCANNED));
    post("wide", id, bytes(SCANNED));
    assertThat(logins.applied).hasSize(2);
  }

  /** Case 92. */
  @Test
  void twentyConcurrentRepetitionsHaveOneEffectAndTheSameAnswer() throws Exception {
    String id = id();
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      List<Callable<Integer>> calls =
          IntStream.range(0, 20)
              .<Callable<Integer>>mapToObj(i -> () -> post("shop", id, bytes(SCANNED)).statusCode())
              .toList();
      assertThat(threads.invokeAll(calls).stream().map(Future::resultNow)).containsOnly(204);
    }
    assertThat(logins.applied).hasSize(1);
  }

  /** Case 92. */
  @Test
  void aRepetitionDuringProcessingIsAnswered409WithRetryAfter() throws Exception {
    String id = id();
    CountDownLatch entered = new CountDownLatch(1);
    CountDownLatch leave = new CountDownLatch(1);
    logins.before(
        () -> {
          entered.countDown();
          await(leave);
        });
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Future<HttpResponse<String>> first = threads.submit(() -> post("shop", id, bytes(SCANNED)));
      entered.await();
      HttpResponse<String> second = post("shop", id, bytes(SCANNED));
      leave.countDown();
      problem(second, 409, "idempotency-key-in-progress");
      assertThat(second.headers().firstValue("Retry-After")).hasValue("1");
      assertThat(first.get().statusCode()).isEqualTo(204);
    }
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void afterAFailureTheRetryIsProcessed() throws Exception {
    String id = id();
    byte[] body = push("user:alice", "\"hi\"");
    broker.down = true;
    problem(post("shop", id, body), 503, "broker-unavailable");
    broker.down = false;
    assertThat(post("shop", id, body).statusCode()).isEqualTo(204);
    assertThat(broker.published).hasSize(1);
  }

  @ParameterizedTest
  @CsvSource({
    "GONE,410,ticket-gone",
    "ALREADY_CLAIMED,409,ticket-already-claimed",
    "RATE_LIMITED,429,rate-limited"
  })
  void aRefusedTransitionIsAnsweredWithItsReason(Refusal why, int status, String slug)
      throws Exception {
    logins.answer(TICKET, new LoginOutcome.Refused(why, TicketState.EXPIRED, 0));
    HttpResponse<String> answer = post("shop", id(), bytes(SCANNED));
    problem(answer, status, slug);
    assertThat(answer.body()).contains("\"state\":\"EXPIRED\"");
  }

  @ParameterizedTest
  @ValueSource(strings = {"short", "AAAAAAAAAAAAAAAAAAAAAAA", "AAAAAAAAAAAAAAAAAAAA/A"})
  void aMalformedTicketGetsTheAnswerOfAnUnknownOne(String ticket) throws Exception {
    problem(post("shop", id(), bytes(SCANNED.replace(TICKET, ticket))), 404, "ticket-not-found");
  }

  private static byte[] push(String channel, String data) {
    return bytes(
        "{\"type\":\"message.push\",\"data\":{\"channel\":\""
            + channel
            + "\",\"event\":\"order\",\"data\":"
            + data
            + ",\"ttl\":30,\"key\":\"k\"}}");
  }

  @Test
  void publishedNumbersAreNotRounded() throws Exception {
    assertThat(
            post("shop", id(), push("user:alice", "{\"p\":1.10,\"n\":123456789012345678901}"))
                .statusCode())
        .isEqualTo(204);
    assertThat(broker.published)
        .containsExactly("user:alice order {\"p\":1.10,\"n\":123456789012345678901} PT30S k");
  }

  @ParameterizedTest
  @CsvSource({
    "shop,user:alice,204",
    "shop,topic:news,204",
    "shop,topic:new,403",
    "shop,topic:newsletter,403",
    "shop,everyone,403",
    "shop,login:" + TICKET + ",403",
    "wide,everyone,204",
    "wide,topic:any,204",
    "wide,login:" + TICKET + ",403",
    "shop,user:,400",
    "shop,user:*,400",
    "shop,nonsense,400",
    "scans,user:alice,422"
  })
  void aSourcePublishesOnlyToItsAllowedChannels(String source, String channel, int status)
      throws Exception {
    assertThat(post(source, id(), push(channel, "1")).statusCode()).isEqualTo(status);
    assertThat(broker.published).hasSize(status == 204 ? 1 : 0);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{\"channel\":\"user:a\",\"event\":\"e\"}",
        "{\"channel\":\"user:a\",\"event\":\"e e\",\"data\":1}",
        "{\"event\":\"e\",\"data\":1}",
        "{\"channel\":\"user:a\",\"data\":\"x\\ud83dy\"}",
        "{\"channel\":\"user:a\",\"data\":1,\"evnt\":\"e\"}",
        "{\"channel\":\"user:a\",\"data\":1,\"ttl\":\"400d\"}",
        "{\"channel\":\"user:a\",\"event\":\"e\",\"data\":1,\"ttl\":0}",
        "{\"channel\":\"user:a\",\"event\":\"e\",\"data\":1,\"ttl\":\"soon\"}",
        "{\"channel\":\"user:a\",\"event\":\"e\",\"data\":1,\"ttl\":\"9999999999999999h\"}",
        "{\"channel\":\"user:a\",\"event\":\"e\",\"data\":1,\"key\":7}",
        "[]",
        "7"
      })
  void anInvalidMessageIsRefusedAndItsIdIsNotClaimed(String data) throws Exception {
    String id = id();
    problem(
        post("shop", id, bytes("{\"type\":\"message.push\",\"data\":" + data + "}")),
        400,
        "invalid-request");
    assertThat(post("shop", id, push("user:a", "1")).statusCode()).isEqualTo(204);
  }

  /** Case 94. */
  @Test
  void anAuthenticBodyThatIsNotUtf8IsAnsweredWith400() throws Exception {
    byte[] latin = SCANNED.replace("alice", "é").getBytes(StandardCharsets.ISO_8859_1);
    problem(post("shop", id(), latin), 400, "invalid-request");
    byte[] wide = SCANNED.getBytes(StandardCharsets.UTF_16);
    problem(post("shop", id(), wide), 400, "invalid-request");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{",
        "",
        "[]",
        "null",
        "{\"type\":\"a\",\"type\":\"b\",\"data\":{}}",
        "{\"data\":{}}",
        "{} {}"
      })
  void bodiesThatAreNotEventsAreRefused(String body) throws Exception {
    problem(post("shop", id(), bytes(body)), 400, "invalid-request");
  }

  @Test
  void deeplyNestedJsonIsRefused() throws Exception {
    problem(post("shop", id(), bytes("[".repeat(60_000))), 400, "invalid-request");
  }

  @Test
  void aTooLargeBodyIsRefusedWithAndWithoutContentLength() throws Exception {
    byte[] large = new byte[1025];
    problem(post("wide", id(), large), 413, "payload-too-large");
    HttpRequest chunked =
        HttpRequest.newBuilder(URI.create("http://localhost:" + port + "/callbacks/wide"))
            .header("Content-Type", "application/json")
            .POST(BodyPublishers.ofInputStream(() -> new java.io.ByteArrayInputStream(large)))
            .build();
    problem(http.send(chunked, BodyHandlers.ofString()), 413, "payload-too-large");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // Case 98.
        "text/plain",
        "application/x-www-form-urlencoded",
        "application/json;charset=UTF-16",
        "application/cloudevents-batch+json",
        "nonsense"
      })
  void batchesAndOtherMediaTypesAreRefused(String type) throws Exception {
    problem(post("shop", id(), bytes(SCANNED), type, Map.of()), 415, "unsupported-media-type");
  }

  /** Case 98. */
  @Test
  void cloudEventsInBothModesHaveTheSameEffect() throws Exception {
    String id = id();
    String data = "{\"ticket\":\"" + TICKET + "\",\"subject\":\"alice\"}";
    assertThat(
            post(
                    "shop",
                    id,
                    bytes(data),
                    "application/json",
                    Map.of(
                        "ce-specversion",
                        "1.0",
                        "ce-id",
                        id,
                        "ce-source",
                        "/s",
                        "ce-type",
                        "login.scanned"))
                .statusCode())
        .isEqualTo(204);
    String other = id();
    assertThat(
            post(
                    "shop",
                    other,
                    bytes(
                        "{\"specversion\":\"1.0\",\"id\":\""
                            + other
                            + "\",\"source\":\"/s\",\"type\":\"login.scanned\",\"data\":"
                            + data
                            + "}"),
                    "application/cloudevents+json",
                    Map.of())
                .statusCode())
        .isEqualTo(204);
    assertThat(logins.applied)
        .containsExactly("scanned " + TICKET + " alice app", "scanned " + TICKET + " alice app");
  }

  /** Case 98. */
  @Test
  void differentIdsInEventAndHeaderAreRefused() throws Exception {
    problem(
        post(
            "shop",
            id(),
            bytes("{}"),
            "application/json",
            Map.of(
                "ce-specversion",
                "1.0",
                "ce-id",
                "other",
                "ce-source",
                "/s",
                "ce-type",
                "login.scanned")),
        400,
        "invalid-request");
    problem(
        post(
            "shop",
            id(),
            bytes("{\"specversion\":\"0.3\",\"id\":\"x\",\"type\":\"login.scanned\",\"data\":{}}"),
            "application/cloudevents+json",
            Map.of()),
        400,
        "invalid-request");
  }

  /** Cases 95 and 96. */
  @Test
  void theOtherSchemesReachTheSameLogin() throws Exception {
    byte[] body = bytes(SCANNED);
    assertThat(
            send(
                    "POST",
                    "/callbacks/hub",
                    body,
                    Map.of(
                        "Content-Type",
                        "application/json",
                        "X-GitHub-Delivery",
                        id(),
                        "X-Hub-Signature-256",
                        "sha256=" + SignatureVectors.hex(SignatureVectors.GITHUB_SECRET, body)))
                .statusCode())
        .isEqualTo(204);
    byte[] event = bytes(SCANNED.replace("{\"type\"", "{\"id\":\"evt_1\",\"type\""));
    for (int seconds = 0; seconds < 3; seconds++) {
      ((ManualClock) clock).set(NOW.plusSeconds(seconds));
      String t = Long.toString(clock.instant().getEpochSecond());
      assertThat(
              send(
                      "POST",
                      "/callbacks/stripe",
                      event,
                      Map.of(
                          "Content-Type",
                          "application/json",
                          "Stripe-Signature",
                          "t="
                              + t
                              + ",v1="
                              + SignatureVectors.hex(
                                  SignatureVectors.GITHUB_SECRET, bytes(t + "."), event)))
                  .statusCode())
          .isEqualTo(204);
    }
    assertThat(logins.applied).hasSize(2);
  }

  /** R13. */
  @Test
  void withoutASignedTimeTheBodysTimestampIsChecked() throws Exception {
    ((ManualClock) clock).set(NOW.plusSeconds(301));
    byte[] body = bytes(SCANNED);
    problem(
        send(
            "POST",
            "/callbacks/hub",
            body,
            Map.of(
                "Content-Type",
                "application/json",
                "X-GitHub-Delivery",
                "a-new-name",
                "X-Hub-Signature-256",
                "sha256=" + SignatureVectors.hex(SignatureVectors.GITHUB_SECRET, body))),
        401,
        "callback-unauthenticated");
  }

  /** Case 97. */
  @Test
  void theCloudEventsHandshakeIsGrantedOnlyToAllowedOriginsAndMakesNoRequest() throws Exception {
    AtomicInteger called = new AtomicInteger();
    var listener =
        com.sun.net.httpserver.HttpServer.create(new java.net.InetSocketAddress("127.0.0.1", 0), 0);
    listener.createContext("/", _ -> called.incrementAndGet());
    listener.start();
    try {
      HttpResponse<String> allowed =
          send(
              "OPTIONS",
              "/callbacks/shop",
              new byte[0],
              Map.of(
                  "WebHook-Request-Origin",
                  "shop.example.com",
                  "WebHook-Request-Callback",
                  "http://127.0.0.1:" + listener.getAddress().getPort() + "/"));
      assertThat(allowed.statusCode()).isEqualTo(200);
      assertThat(allowed.headers().firstValue("WebHook-Allowed-Origin"))
          .hasValue("shop.example.com");
      assertThat(allowed.headers().firstValue("WebHook-Allowed-Rate")).hasValue("6000");
      assertThat(allowed.headers().firstValue("Allow")).hasValue("POST");
      for (Map<String, String> headers :
          List.of(Map.<String, String>of(), Map.of("WebHook-Request-Origin", "evil.example.com"))) {
        HttpResponse<String> foreign = send("OPTIONS", "/callbacks/shop", new byte[0], headers);
        assertThat(foreign.statusCode()).isEqualTo(405);
        assertThat(foreign.headers().map())
            .doesNotContainKeys("webhook-allowed-origin", "webhook-allowed-rate");
        assertThat(foreign.headers().firstValue("Allow")).hasValue("POST");
      }
      assertThat(called).hasValue(0);
    } finally {
      listener.stop(0);
    }
  }

  /** Case 99. */
  @Test
  void unknownTypesSourcesAndPathsAreRefused() throws Exception {
    problem(
        post("shop", id(), bytes(SCANNED.replace("login.scanned", "login.stolen"))),
        422,
        "unsupported-event");
    problem(
        post("scans", id(), bytes(SCANNED.replace("scanned", "confirmed"))),
        422,
        "unsupported-event");
    problem(post("old", id(), bytes(SCANNED)), 410, "source-gone");
    problem(post("nobody", id(), bytes(SCANNED)), 404, "not-found");
    for (String path : List.of("/callbacks/shop/", "/callbacks/", "/callbacks")) {
      assertThat(
              send("POST", path, bytes(SCANNED), Map.of("Content-Type", "application/json"))
                  .statusCode())
          .as(path)
          .isIn(400, 404);
    }
    assertThat(send("GET", "/callbacks/shop", new byte[0], Map.of()).statusCode()).isEqualTo(405);
  }

  @Test
  void aSourceAboveItsRateIsAnswered429WithRetryAfter() throws Exception {
    HttpResponse<String> answer = post("scans", id(), bytes(SCANNED));
    for (int i = 0; i < 4 && answer.statusCode() != 429; i++) {
      answer = post("scans", id(), bytes(SCANNED));
    }
    problem(answer, 429, "rate-limited");
    assertThat(answer.headers().firstValue("Retry-After")).isPresent();
    ((ManualClock) clock).set(NOW.plus(Duration.ofMinutes(2)));
    assertThat(post("scans", id(), bytes(SCANNED)).statusCode()).isEqualTo(204);
  }

  @Test
  void metricsHaveNoTagsChosenByCallers() throws Exception {
    post("invented", id(), bytes(SCANNED));
    assertThat(meters.find("heliograph.callbacks").tag("source", "invented").counter()).isNull();
    assertThat(meters.find("heliograph.callbacks").tag("source", "unknown").counter()).isNotNull();
  }
}

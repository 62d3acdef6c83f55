package io.heliograph.login;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.login.store.MemoryTicketStore;
import io.heliograph.support.ManualClock;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A client that repeats a call of the login API as fast as it can, with the default limits. It is
 * refused before the store is read, and other clients are served.
 */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "management.server.port=0",
      "heliograph.security.api-key=" + LoginCalls.KEY,
      "heliograph.login.limits.waits=2"
    })
class LoginAbuseTests {

  private static final String ABUSER = "127.0.0.1";
  private static final String OTHER = "127.0.0.2";

  @TestConfiguration(proxyBeanMethods = false)
  static class Own {
    @Bean
    @Primary
    ManualClock movableClock() {
      return new ManualClock();
    }

    @Bean
    @Primary
    CountingStore countingStore(ManualClock clock) {
      return new CountingStore(new MemoryTicketStore(clock, 50_000));
    }
  }

  /** Counts the accesses to the store. */
  static final class CountingStore implements TicketStore {
    final AtomicInteger added = new AtomicInteger();
    final AtomicInteger found = new AtomicInteger();
    private final TicketStore store;

    CountingStore(TicketStore store) {
      this.store = store;
    }

    @Override
    public Instant now() {
      return store.now();
    }

    @Override
    public boolean add(Ticket ticket) {
      added.incrementAndGet();
      return store.add(ticket);
    }

    @Override
    public Optional<Ticket> find(String id) {
      found.incrementAndGet();
      return store.find(id);
    }

    @Override
    public boolean replace(Ticket expected, Ticket next) {
      return store.replace(expected, next);
    }

    @Override
    public List<Ticket> lapsed(int limit) {
      return store.lapsed(limit);
    }

    @Override
    public void forget() {
      store.forget();
    }
  }

  @LocalServerPort int port;
  @Autowired CountingStore store;
  @Autowired LoginLimits limits;
  @Autowired MeterRegistry meters;
  private LoginCalls calls;
  private final Map<String, HttpClient> clientsByAddress = new ConcurrentHashMap<>();

  @BeforeEach
  void freshStart() {
    calls = new LoginCalls(port);
    limits.forget();
  }

  private record Reply(int status, JsonNode body, @Nullable String retryAfter) {
    String text(String field) {
      return body.path(field).asString("");
    }
  }

  private Reply call(
      String address, String method, String path, @Nullable String token, @Nullable String body)
      throws IOException, InterruptedException {
    HttpClient client =
        clientsByAddress.computeIfAbsent(
            address,
            from -> HttpClient.newBuilder().localAddress(InetAddress.ofLiteral(from)).build());
    HttpRequest.Builder request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path))
            .method(method, body == null ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
    if (token != null) {
      request.header("Authorization", "Bearer " + token);
    }
    if (body != null) {
      request.header("Content-Type", "application/json");
    }
    HttpResponse<String> answer = client.send(request.build(), BodyHandlers.ofString());
    boolean json = answer.headers().firstValue("Content-Type").orElse("").contains("json");
    return new Reply(
        answer.statusCode(),
        json ? JsonMapper.shared().readTree(answer.body()) : JsonMapper.shared().nullNode(),
        answer.headers().firstValue("Retry-After").orElse(null));
  }

  private static final String CREATE =
      "{\"challenge\":\"" + BearerSecrets.hash(LoginCalls.VERIFIER) + "\"}";

  private Reply create(String address) throws Exception {
    Reply made = call(address, "POST", "/v1/logins", null, CREATE);
    assertThat(made.status).isEqualTo(201);
    return made;
  }

  /**
   * Repeats a call from eight threads and counts the answers that are not 429. Each 429 has
   * Retry-After.
   */
  private int countAnswered(int times, Callable<Reply> call) throws Exception {
    AtomicInteger answered = new AtomicInteger();
    try (var threads = Executors.newFixedThreadPool(8)) {
      Callable<Void> one =
          () -> {
            Reply reply = call.call();
            if (reply.status == 429) {
              assertThat(reply.retryAfter).as("Retry-After").matches("[1-9][0-9]*");
            } else {
              answered.incrementAndGet();
            }
            return null;
          };
      for (Future<Void> done : threads.invokeAll(Collections.nCopies(times, one))) {
        done.get();
      }
    }
    return answered.get();
  }

  @Test
  void repeatedRefreshesAreLimitedLikeCreations() throws Exception {
    Reply[] newest = {create(ABUSER)};
    int before = store.added.get();
    int made =
        countAnswered(
            3_000,
            () -> {
              Reply mine = newest[0];
              Reply next =
                  call(
                      ABUSER,
                      "POST",
                      "/v1/logins/" + mine.text("ticket") + "/refresh",
                      mine.text("watchToken"),
                      CREATE);
              if (next.status == 201) {
                newest[0] = next;
              }
              return next;
            });
    // Concurrent calls for one ticket get 410 or 409; on a slow machine time allows some more
    // tickets.
    assertThat(store.added.get() - before).isLessThanOrEqualTo(60);
    assertThat(made).isLessThan(300);
    create(OTHER);
  }

  @Test
  void tooFrequentPollsAreRefusedBeforeTheStoreIsRead() throws Exception {
    Reply mine = create(ABUSER);
    String path = "/v1/logins/" + mine.text("ticket");
    int before = store.found.get();
    for (String query : List.of("?after=0&wait=25", "", "?after=1")) {
      countAnswered(960, () -> call(ABUSER, "GET", path + query, mine.text("watchToken"), null));
    }
    // Five at once and one every three seconds, with two reads each.
    assertThat(store.found.get() - before).isLessThan(200);
  }

  /** Above the limit a poll is answered at once. */
  @Test
  void waitingPollsAreLimited() throws Exception {
    try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 2; i++) {
        Reply waiting = create(OTHER);
        threads.submit(
            () ->
                call(
                    OTHER,
                    "GET",
                    "/v1/logins/" + waiting.text("ticket") + "?after=1&wait=25",
                    waiting.text("watchToken"),
                    null));
      }
      Reply third = create(OTHER);
      await().atMost(Duration.ofSeconds(30)).until(() -> waits() == 2);
      String path = "/v1/logins/" + third.text("ticket") + "?after=1&wait=25";
      assertThat(call(OTHER, "GET", path, third.text("watchToken"), null).status).isEqualTo(304);
      assertThat(waits()).as("two polls still wait, so the third did not wait").isEqualTo(2);
      threads.shutdownNow();
    }
  }

  private double waits() {
    return meters.get("heliograph.logins.waits").gauge().value();
  }

  @Test
  void callsWithoutTheTokenDoNotUseUpTheOwnersLimit() throws Exception {
    Reply owners = create(OTHER);
    String path = "/v1/logins/" + owners.text("ticket");
    int before = store.found.get();
    countAnswered(1_000, () -> call(ABUSER, "GET", path, BearerSecrets.make(), null));
    countAnswered(
        1_000,
        () ->
            call(
                ABUSER,
                "POST",
                path + "/confirm",
                null,
                "{\"phoneToken\":\"" + BearerSecrets.make() + "\"}"));
    assertThat(store.found.get() - before).isLessThan(200);
    assertThat(call(OTHER, "GET", path, owners.text("watchToken"), null).status).isEqualTo(200);
  }

  @Test
  void allOtherCallsWithATokenOfTheTicketAreLimited() throws Exception {
    Reply login = create(OTHER);
    String path = "/v1/logins/" + login.text("ticket");
    String watch = login.text("watchToken");
    String phone = calls.scan(login.text("ticket")).hasStatus(200).text("phoneToken");
    List<Callable<Reply>> tries =
        List.of(
            () -> call(ABUSER, "GET", path + "/image.png?scale=16", watch, null),
            () ->
                call(
                    ABUSER,
                    "POST",
                    path + "/exchange",
                    watch,
                    "{\"verifier\":\"" + LoginCalls.VERIFIER + "\"}"),
            () -> call(ABUSER, "DELETE", path + "?unscanned=true", watch, null));
    int answered = 0;
    for (Callable<Reply> call : tries) {
      answered += countAnswered(300, call);
    }
    assertThat(answered).as("60 calls per minute in total").isBetween(60, 150);
    String said = "{\"phoneToken\":\"" + phone + "\"}";
    assertThat(countAnswered(300, () -> call(ABUSER, "POST", path + "/scan", null, said)))
        .isBetween(60, 150);
    calls.confirm(login.text("ticket"), login.body.path("matchCode").asInt()).hasStatus(200);
  }
}

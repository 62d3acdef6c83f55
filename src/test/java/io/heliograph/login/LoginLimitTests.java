package io.heliograph.login;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.login.LoginCalls.Answer;
import io.heliograph.login.store.MemoryTicketStore;
import io.heliograph.support.ManualClock;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;

/** Logins at their limits and with an unavailable store. */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = {
      "management.server.port=0",
      "logging.level.io.heliograph=debug",
      "heliograph.security.api-key=" + LoginCalls.KEY,
      "heliograph.callbacks.sources.shop.secrets[0].value=" + LoginCalls.SECRET,
      "heliograph.login.limits.per-address=12",
      "heliograph.login.limits.misses-per-address=20",
      "heliograph.login.limits.open=9"
    })
@ExtendWith(OutputCaptureExtension.class)
class LoginLimitTests {

  @TestConfiguration(proxyBeanMethods = false)
  static class Own {
    @Bean
    @Primary
    ManualClock movableClock() {
      return new ManualClock();
    }

    @Bean
    @Primary
    FlakyStore flakyStore(ManualClock clock) {
      return new FlakyStore(new MemoryTicketStore(clock, 9));
    }
  }

  /** A store whose connection can be cut. */
  static final class FlakyStore implements TicketStore {
    private final TicketStore store;
    volatile boolean down;

    FlakyStore(TicketStore store) {
      this.store = store;
    }

    private TicketStore store() {
      if (down) {
        throw new TicketStoreUnavailableException(null);
      }
      return store;
    }

    @Override
    public Instant now() {
      return store().now();
    }

    @Override
    public boolean add(Ticket ticket) {
      return store().add(ticket);
    }

    @Override
    public Optional<Ticket> find(String id) {
      return store().find(id);
    }

    @Override
    public boolean replace(Ticket expected, Ticket next) {
      return store().replace(expected, next);
    }

    @Override
    public List<Ticket> lapsed(int limit) {
      return store().lapsed(limit);
    }

    @Override
    public void forget() {
      store().forget();
    }
  }

  @LocalServerPort int port;
  @Autowired ManualClock clock;
  @Autowired FlakyStore store;
  @Autowired LoginLimits limits;
  @Autowired MeterRegistry meters;
  private LoginCalls calls;

  @BeforeEach
  void freshStart() {
    calls = new LoginCalls(port);
    store.down = false;
    limits.forget();
    clock.advanceSeconds(3600);
  }

  private static void isProblem(Answer answer, int status, String slug) {
    answer.hasStatus(status);
    assertThat(answer.text("type")).isEqualTo("/problems/" + slug);
  }

  private Answer tryToCreate() {
    return calls.call(
        "POST",
        "/v1/logins",
        null,
        "{\"challenge\":\"" + BearerSecrets.hash(LoginCalls.VERIFIER) + "\"}");
  }

  /** R17, and case 111 with small numbers. */
  @Test
  void openTicketsAreLimitedAndExpiryFreesSlots() {
    for (int i = 0; i < 9; i++) {
      calls.create();
    }
    isProblem(tryToCreate(), 429, "too-many-tickets");
    clock.advanceSeconds(120);
    calls.create();
  }

  /** R17. */
  @Test
  void creationsPerAddressAreLimited() {
    for (int i = 0; i < 12; i++) {
      calls.cancel(calls.create()).hasStatus(204);
    }
    Answer refused = tryToCreate();
    isProblem(refused, 429, "rate-limited");
    assertThat(refused.body().path("retryAfter").asInt()).isPositive();
  }

  /** R1. */
  @Test
  void guessedTicketsPerAddressAreLimited() {
    for (int i = 0; i < 20; i++) {
      isProblem(
          calls.call(
              "GET", "/v1/logins/" + BearerSecrets.make().substring(0, 22), "w".repeat(43), null),
          404,
          "ticket-not-found");
    }
    isProblem(
        calls.call(
            "GET", "/v1/logins/" + BearerSecrets.make().substring(0, 22), "w".repeat(43), null),
        429,
        "rate-limited");
  }

  /** Case 80. */
  @Test
  void whileTheStoreIsDownCallsFailAndRetriesTakeEffectOnce() {
    store.down = true;
    isProblem(tryToCreate(), 503, "store-unavailable");
    store.down = false;
    Answer login = calls.create();
    String ticket = login.text("ticket");

    store.down = true;
    String id = LoginCalls.newId();
    String data = "{\"ticket\":\"" + ticket + "\",\"subject\":\"alice\"}";
    isProblem(calls.callback(id, clock.instant(), "login.scanned", data), 503, "store-unavailable");
    store.down = false;
    calls.callback(id, clock.instant(), "login.scanned", data).hasStatus(204);
    calls.confirm(ticket, login.body().path("matchCode").asInt()).hasStatus(200);

    store.down = true;
    isProblem(calls.exchange(login), 503, "store-unavailable");
    store.down = false;
    String grant = calls.exchange(login).hasStatus(200).text("grantCode");
    calls.redeem(grant).hasStatus(200);
    isProblem(calls.exchange(login), 409, "grant-already-issued");
  }

  /** R9, R18, R19: also at log level DEBUG. */
  @Test
  void theLogContainsNoSecretAndNoUser(CapturedOutput output) {
    Answer login = calls.create();
    String ticket = login.text("ticket");
    String token =
        calls
            .call(
                "POST",
                "/v1/logins/" + ticket + "/scan",
                LoginCalls.KEY,
                "{\"subject\":\"alice-liddell\"}")
            .hasStatus(200)
            .text("phoneToken");
    calls
        .call(
            "POST",
            "/v1/logins/" + ticket + "/confirm",
            null,
            "{\"phoneToken\":\"%s\",\"matchCode\":%d}"
                .formatted(token, login.body().path("matchCode").asInt()))
        .hasStatus(200);
    String grant = calls.exchange(login).text("grantCode");
    calls.redeem(grant).hasStatus(200);
    assertThat(output.getAll())
        .contains("CONFIRMED")
        .doesNotContain(
            "alice-liddell",
            ticket,
            login.text("watchToken"),
            token,
            grant,
            LoginCalls.VERIFIER,
            LoginCalls.KEY);
  }

  @Test
  void eachEnteredStateIsCounted() {
    double before = count("issued");
    double cancelled = count("cancelled");
    calls.cancel(calls.create());
    assertThat(count("issued")).isEqualTo(before + 1);
    assertThat(count("cancelled")).isEqualTo(cancelled + 1);
  }

  private double count(String state) {
    var counter = meters.find("heliograph.logins").tag("state", state).counter();
    return counter == null ? 0 : counter.count();
  }
}

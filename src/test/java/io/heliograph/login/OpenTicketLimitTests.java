package io.heliograph.login;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.login.BrowserLogins.Requester;
import io.heliograph.login.store.MemoryTicketStore;
import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import io.heliograph.support.ManualClock;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.json.JsonMapper;

/** Case 111 and R17: the total number of open tickets is limited. */
class OpenTicketLimitTests {

  private static final int ASKED = 200_000;
  private static final int OPEN = 50_000;

  private final ManualClock clock = new ManualClock();
  private final MemoryTicketStore store = new MemoryTicketStore(clock, OPEN);
  private final Tickets life =
      new Tickets(
          store,
          TicketFixtures.RULES,
          (_, _) -> {},
          new JsonMapper(),
          new SimpleMeterRegistry(),
          100);
  private final BrowserLogins logins =
      new BrowserLogins(
          life,
          new LoginProperties(
              LoginPolicy.EXPLICIT,
              Duration.ofSeconds(120),
              Duration.ofSeconds(60),
              Duration.ofSeconds(30),
              5,
              true,
              Proximity.WARN,
              null,
              false,
              null,
              null,
              null,
              new LoginProperties.Limits(10, 3, 5, 20, 60, 100, OPEN)),
          List.of(new AppQrProvider()),
          TicketFixtures.limits());

  /** Requests from always new browsers and addresses, to which the other limits do not apply. */
  private int countAccepted(int asked) {
    int accepted = 0;
    for (int i = 0; i < asked; i++) {
      try {
        logins.create(
            AppQrProvider.ID,
            TicketFixtures.VERIFIER,
            new Requester(
                BearerSecrets.make(),
                false,
                "",
                "",
                Place.UNKNOWN,
                "example.com",
                URI.create("https://example.com")));
        accepted++;
      } catch (ProblemException e) {
        assertThat(e.type()).isEqualTo(ProblemType.TOO_MANY_TICKETS);
      }
    }
    return accepted;
  }

  @Test
  void ofManyRequestedTicketsAtMostTheLimitIsOpenAndAllExpire() {
    assertThat(ProblemType.TOO_MANY_TICKETS.status()).isEqualTo(429);
    assertThat(countAccepted(ASKED)).isEqualTo(OPEN);
    assertThat(store.size()).isEqualTo(OPEN);

    clock.advanceSeconds(120);
    assertThat(countAccepted(10)).as("expired tickets free slots").isEqualTo(10);
    assertThat(store.size()).isEqualTo(OPEN + 10);

    // Ended tickets are removed after ten minutes, so that nothing is left.
    clock.advanceSeconds(600);
    life.sweep();
    assertThat(store.size()).isEqualTo(10);
    clock.advanceSeconds(120);
    life.sweep();
    assertThat(store.size()).isZero();
  }
}

package io.heliograph.login;

import io.heliograph.login.TicketEvent.Cancel;
import io.heliograph.login.TicketEvent.Confirm;
import io.heliograph.login.TicketEvent.Deny;
import io.heliograph.login.TicketEvent.Exchange;
import io.heliograph.login.TicketEvent.Phone;
import io.heliograph.login.TicketEvent.Refresh;
import io.heliograph.login.TicketEvent.Scan;
import io.heliograph.message.Ids;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Tickets and events for tests, one of each kind. */
public final class TicketFixtures {

  static final String VERIFIER = "v".repeat(43);
  static final String COOKIE = "c".repeat(43);
  static final String WATCH = "w".repeat(43);
  static final String PHONE = "p".repeat(43);
  public static final TicketRules RULES = new TicketRules(5, Proximity.WARN, false);

  private TicketFixtures() {}

  static Terms terms(Instant now, LoginPolicy policy, boolean bound, int refreshes) {
    return new Terms(
        "group",
        refreshes,
        "app",
        false,
        null,
        "https://login.example/l/x",
        policy,
        now,
        Duration.ofSeconds(120),
        Duration.ofSeconds(60),
        Duration.ofSeconds(30),
        BearerSecrets.hash(WATCH),
        BearerSecrets.hash(VERIFIER),
        BearerSecrets.hash(COOKIE),
        bound,
        42,
        List.of(17, 42, 88),
        "Chrome on Windows",
        "Chrome",
        Place.UNKNOWN,
        "example.com");
  }

  public static Ticket issued(Instant now) {
    return Ticket.issue(Ids.random128(), terms(now, LoginPolicy.EXPLICIT, false, 0));
  }

  public static Ticket in(TicketState state, Instant now) {
    Ticket issued = issued(now);
    Ticket scanned = RULES.apply(issued, scan("alice"), now).ticket();
    Ticket confirmed = RULES.apply(scanned, confirm("alice"), now).ticket();
    return switch (state) {
      case ISSUED -> issued;
      case SCANNED -> scanned;
      case CONFIRMED -> confirmed;
      case CONSUMED -> RULES.apply(confirmed, exchange(), now).ticket();
      case DENIED -> RULES.apply(scanned, deny("alice"), now).ticket();
      case CANCELLED ->
          RULES.apply(scanned, new Cancel(EndReason.CANCELLED_BY_BROWSER), now).ticket();
      case SUPERSEDED -> RULES.apply(issued, new Refresh(true), now).ticket();
      case EXPIRED -> scanned.ended(TicketState.EXPIRED, now, EndReason.DEADLINE);
    };
  }

  static LoginLimits limits() {
    return new LoginLimits(
        new LoginProperties.Limits(10, 3, 5, 20, 60, 100, 100), new SimpleMeterRegistry());
  }

  static Grants grants(Tickets tickets, GrantStore store) {
    return new Grants(
        tickets,
        store,
        new UserNotifications(
            List.of(),
            new NotMeLinks(new PhoneTokens(null), new PublicUrls(null)),
            _ -> {},
            new SimpleMeterRegistry()),
        new byte[32]);
  }

  public static Scan scan(String subject) {
    return new Scan("app", subject, null, BearerSecrets.hash(PHONE), Place.UNKNOWN, false);
  }

  static Confirm confirm(String subject) {
    return new Confirm(new Phone(null, subject, false), 42, Place.UNKNOWN);
  }

  static Deny deny(String subject) {
    return new Deny(new Phone(null, subject, false));
  }

  static Exchange exchange() {
    return new Exchange(BearerSecrets.hash(VERIFIER), BearerSecrets.hash(COOKIE), "g".repeat(43));
  }
}

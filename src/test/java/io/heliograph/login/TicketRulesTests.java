package io.heliograph.login;

import static io.heliograph.login.TicketFixtures.RULES;
import static io.heliograph.login.TicketFixtures.confirm;
import static io.heliograph.login.TicketFixtures.deny;
import static io.heliograph.login.TicketFixtures.exchange;
import static io.heliograph.login.TicketFixtures.issued;
import static io.heliograph.login.TicketFixtures.scan;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.login.TicketEvent.Cancel;
import io.heliograph.login.TicketEvent.Confirm;
import io.heliograph.login.TicketEvent.Deadline;
import io.heliograph.login.TicketEvent.Deny;
import io.heliograph.login.TicketEvent.Exchange;
import io.heliograph.login.TicketEvent.Phone;
import io.heliograph.login.TicketEvent.ProviderCancel;
import io.heliograph.login.TicketEvent.Refresh;
import io.heliograph.login.TicketOutcome.Moved;
import io.heliograph.login.TicketOutcome.Refused;
import io.heliograph.login.TicketOutcome.Unchanged;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class TicketRulesTests {

  private static final Instant NOW = Instant.parse("2026-11-21T10:00:00Z");

  /**
   * One row per state, one column per event. {@code >X} is a transition to X, {@code =} no change,
   * a word the refusal.
   */
  private static final String TABLE =
      """
      state      | scan same       | scan other      | confirm     | deny        | provider cancel | exchange       | browser cancel | refresh     | deadline
      ISSUED     | >SCANNED        | >SCANNED        | NOT_SCANNED | NOT_SCANNED | NOT_SCANNED     | NOT_CONFIRMED  | >CANCELLED     | >SUPERSEDED | >EXPIRED
      SCANNED    | =               | ALREADY_CLAIMED | >CONFIRMED  | >DENIED     | >DENIED         | NOT_CONFIRMED  | >CANCELLED     | IN_USE      | >EXPIRED
      CONFIRMED  | =               | ALREADY_CLAIMED | =           | IN_USE      | IN_USE          | >CONSUMED      | >CANCELLED     | IN_USE      | >EXPIRED
      CONSUMED   | =               | ALREADY_CLAIMED | =           | GONE        | =               | =              | =              | GONE        | =
      DENIED     | GONE            | GONE            | GONE        | =           | =               | GONE           | =              | GONE        | =
      CANCELLED  | GONE            | GONE            | GONE        | GONE        | =               | GONE           | =              | GONE        | =
      SUPERSEDED | GONE            | GONE            | GONE        | GONE        | =               | GONE           | =              | GONE        | =
      EXPIRED    | GONE            | GONE            | GONE        | GONE        | =               | GONE           | =              | GONE        | =
      """;

  static Stream<Arguments> cells() {
    List<Arguments> cells = new ArrayList<>();
    List<String> lines = TABLE.lines().toList();
    String[] inputs = lines.getFirst().split("\\|");
    for (String line : lines.subList(1, lines.size())) {
      String[] row = line.split("\\|");
      for (int i = 1; i < row.length; i++) {
        cells.add(
            Arguments.of(TicketState.valueOf(row[0].strip()), inputs[i].strip(), row[i].strip()));
      }
    }
    assertThat(cells).hasSize(8 * 9);
    return cells.stream();
  }

  /** Case 39. */
  @ParameterizedTest(name = "{0}, {1}: {2}")
  @MethodSource("cells")
  void eachEventInEachStateHasTheOutcomeOfTheTable(
      TicketState state, String what, String expected) {
    Ticket before = TicketFixtures.in(state, NOW);
    TicketEvent input =
        switch (what) {
          case "scan same" -> scan("alice");
          case "scan other" -> scan("mallory");
          case "confirm" -> confirm("alice");
          case "deny" -> deny("alice");
          case "provider cancel" -> new ProviderCancel("app", "alice");
          case "exchange" -> exchange();
          case "browser cancel" -> new Cancel(EndReason.CANCELLED_BY_BROWSER);
          case "refresh" -> new Refresh(true);
          case "deadline" -> new Deadline();
          default -> throw new AssertionError(what);
        };
    Instant when = what.equals("deadline") ? before.deadline() : NOW;

    TicketOutcome outcome = RULES.apply(before, input, when);

    Ticket after = outcome.ticket();
    if (expected.startsWith(">")) {
      assertThat(outcome).isInstanceOf(Moved.class);
      assertThat(after.state()).isEqualTo(TicketState.valueOf(expected.substring(1)));
      assertThat(after.version()).isEqualTo(before.version() + 1);
    } else {
      if (expected.equals("=")) {
        assertThat(outcome).isInstanceOf(Unchanged.class);
      } else {
        assertThat(outcome).isEqualTo(new Refused(after, Refusal.valueOf(expected)));
      }
      assertThat(after.state()).isEqualTo(state);
      assertThat(after.version()).isEqualTo(before.version());
    }
  }

  /** R7: final states have no transitions, so nothing happens twice. */
  @ParameterizedTest
  @EnumSource(TicketState.class)
  void versionsIncreaseByOneAndFinalStatesAreKept(TicketState state) {
    Ticket ticket = TicketFixtures.in(state, NOW);
    int expected =
        switch (state) {
          case ISSUED -> 1;
          case SCANNED, SUPERSEDED -> 2;
          case CONFIRMED, DENIED, CANCELLED, EXPIRED -> 3;
          case CONSUMED -> 4;
        };
    assertThat(ticket.version()).isEqualTo(expected);
    Ticket muchLater = RULES.apply(ticket, new Deadline(), NOW.plus(Duration.ofDays(1))).ticket();
    assertThat(muchLater.state()).isEqualTo(state.isFinal() ? state : TicketState.EXPIRED);
  }

  /** Case 40. */
  @Test
  void aTicketExpiresExactlyAtItsDeadline() {
    Ticket ticket = issued(NOW);
    assertThat(RULES.apply(ticket, scan("alice"), NOW.plusMillis(119_999)))
        .isInstanceOf(Moved.class);

    TicketOutcome late = RULES.apply(ticket, scan("alice"), NOW.plusSeconds(120));
    assertThat(late).isInstanceOf(Refused.class);
    assertThat(late.ticket().state()).isEqualTo(TicketState.EXPIRED);
    assertThat(late.ticket().changedAt()).isEqualTo(NOW.plusSeconds(120));
  }

  /** Case 41. */
  @Test
  void aLateScanExtendsTheDeadlineUpToThreeMinutesAfterCreation() {
    Ticket scanned = RULES.apply(issued(NOW), scan("alice"), NOW.plusSeconds(119)).ticket();
    assertThat(scanned.deadline()).isEqualTo(NOW.plusSeconds(179));
    assertThat(RULES.apply(scanned, confirm("alice"), NOW.plusSeconds(178)))
        .isInstanceOf(Moved.class);
    assertThat(RULES.apply(scanned, confirm("alice"), NOW.plusSeconds(179)).ticket().state())
        .isEqualTo(TicketState.EXPIRED);
  }

  /** Case 42. */
  @Test
  void aConfirmedLoginWithoutExchangeExpires() {
    Ticket confirmed = TicketFixtures.in(TicketState.CONFIRMED, NOW);
    assertThat(RULES.apply(confirmed, exchange(), NOW.plusMillis(29_999)))
        .isInstanceOf(Moved.class);
    assertThat(RULES.apply(confirmed, exchange(), NOW.plusSeconds(30)))
        .isInstanceOfSatisfying(
            Refused.class,
            refused -> {
              assertThat(refused.why()).isEqualTo(Refusal.GONE);
              assertThat(refused.ticket().state()).isEqualTo(TicketState.EXPIRED);
            });
  }

  /** Case 38. */
  @Test
  void withThePolicyOnScanAScanConfirms() {
    Ticket ticket =
        Ticket.issue("t".repeat(22), TicketFixtures.terms(NOW, LoginPolicy.ON_SCAN, false, 0));
    Ticket after = RULES.apply(ticket, scan("alice"), NOW).ticket();
    assertThat(after.state()).isEqualTo(TicketState.CONFIRMED);
    assertThat(after.version()).isEqualTo(2);
    assertThat(after.deadline()).isEqualTo(NOW.plusSeconds(30));
  }

  /** R4. */
  @Test
  void theThirdWrongMatchCodeEndsTheLogin() {
    Ticket ticket = TicketFixtures.in(TicketState.SCANNED, NOW);
    for (int miss = 1; miss <= 3; miss++) {
      Confirm wrong = new Confirm(new Phone(null, "alice", false), 17, Place.UNKNOWN);
      TicketOutcome outcome = RULES.apply(ticket, wrong, NOW);
      assertThat(outcome).isEqualTo(new Refused(outcome.ticket(), Refusal.MATCH_CODE_WRONG));
      ticket = outcome.ticket();
      assertThat(ticket.state()).isEqualTo(miss < 3 ? TicketState.SCANNED : TicketState.DENIED);
    }
    assertThat(ticket.reason()).isEqualTo(EndReason.WRONG_MATCH_CODE);
  }

  /** Case 102, R2: until then the owner can exchange. */
  @Test
  void theFifthWrongVerifierCancelsTheLogin() {
    Ticket ticket = TicketFixtures.in(TicketState.CONFIRMED, NOW);
    Exchange guess = new Exchange(BearerSecrets.hash("x".repeat(43)), null, "g");
    for (int miss = 1; miss <= 4; miss++) {
      ticket = RULES.apply(ticket, guess, NOW).ticket();
      assertThat(ticket.state()).isEqualTo(TicketState.CONFIRMED);
    }
    assertThat(RULES.apply(ticket, exchange(), NOW)).isInstanceOf(Moved.class);
    assertThat(RULES.apply(ticket, guess, NOW).ticket().state()).isEqualTo(TicketState.CANCELLED);
  }

  /** Case 103. */
  @Test
  void aWrongCookieIsRefusedAndNotCounted() {
    Ticket ticket = TicketFixtures.in(TicketState.CONFIRMED, NOW);
    Exchange other =
        new Exchange(
            BearerSecrets.hash(TicketFixtures.VERIFIER), BearerSecrets.hash("o".repeat(43)), "g");
    assertThat(RULES.apply(ticket, other, NOW))
        .isEqualTo(new Refused(ticket, Refusal.BROWSER_MISMATCH));
  }

  @Test
  void aBoundLoginNeedsTheBrowsersCookie() {
    Ticket ticket =
        Ticket.issue("t".repeat(22), TicketFixtures.terms(NOW, LoginPolicy.ON_SCAN, true, 0));
    Ticket confirmed = RULES.apply(ticket, scan("alice"), NOW).ticket();
    Exchange bare = new Exchange(BearerSecrets.hash(TicketFixtures.VERIFIER), null, "g");
    assertThat(RULES.apply(confirmed, bare, NOW))
        .isEqualTo(new Refused(confirmed, Refusal.BROWSER_MISMATCH));
    assertThat(RULES.apply(confirmed, exchange(), NOW)).isInstanceOf(Moved.class);
  }

  /** R8. */
  @Test
  void theFirstScannerOwnsTheTicketAndOthersAreCounted() {
    Ticket ticket = TicketFixtures.in(TicketState.SCANNED, NOW);
    for (String subject : List.of("bob", "bob", "carol", "dave", "erin", "frank")) {
      TicketOutcome outcome = RULES.apply(ticket, scan(subject), NOW);
      assertThat(outcome).isEqualTo(new Refused(outcome.ticket(), Refusal.ALREADY_CLAIMED));
      ticket = outcome.ticket();
    }
    assertThat(ticket.others()).hasSize(3);
    assertThat(RULES.apply(ticket, confirm("alice"), NOW)).isInstanceOf(Moved.class);
  }

  @Test
  void denyOnMultiScanEndsATicketWithManyScanners() {
    TicketRules strict = new TicketRules(5, Proximity.WARN, true);
    Ticket ticket =
        strict.apply(TicketFixtures.in(TicketState.SCANNED, NOW), scan("bob"), NOW).ticket();
    assertThat(ticket.state()).isEqualTo(TicketState.SCANNED);
    Ticket after = strict.apply(ticket, scan("carol"), NOW).ticket();
    assertThat(after.state()).isEqualTo(TicketState.DENIED);
    assertThat(after.reason()).isEqualTo(EndReason.CLAIMED_BY_MANY);
  }

  @Test
  void onlyTheUserWhoScannedCanDecide() {
    Ticket ticket = TicketFixtures.in(TicketState.SCANNED, NOW);
    assertThat(RULES.apply(ticket, confirm("mallory"), NOW))
        .isEqualTo(new Refused(ticket, Refusal.SUBJECT_MISMATCH));
    assertThat(RULES.apply(ticket, deny("mallory"), NOW))
        .isEqualTo(new Refused(ticket, Refusal.SUBJECT_MISMATCH));
    Phone otherPhone = new Phone(BearerSecrets.hash("x".repeat(43)), null, false);
    assertThat(RULES.apply(ticket, new Confirm(otherPhone, 42, Place.UNKNOWN), NOW))
        .isEqualTo(new Refused(ticket, Refusal.UNKNOWN));
    assertThat(RULES.apply(ticket, new Deny(otherPhone), NOW))
        .isEqualTo(new Refused(ticket, Refusal.UNKNOWN));
  }

  /** R5. */
  @Test
  void withProximityBlockThePhoneMustBeKnownToBeNear() {
    TicketRules strict = new TicketRules(5, Proximity.BLOCK, false);
    Terms here =
        at(
            TicketFixtures.terms(NOW, LoginPolicy.EXPLICIT, false, 0),
            new Place("192.0.2.1", "CH", null));
    Ticket ticket = RULES.apply(Ticket.issue("t".repeat(22), here), scan("alice"), NOW).ticket();
    Phone alice = new Phone(null, "alice", false);
    for (Place far : List.of(Place.UNKNOWN, new Place("198.51.100.7", "BR", null))) {
      assertThat(strict.apply(ticket, new Confirm(alice, 42, far), NOW))
          .isEqualTo(new Refused(ticket, Refusal.PROXIMITY));
    }
    Place near = new Place("203.0.113.9", "CH", null);
    assertThat(strict.apply(ticket, new Confirm(alice, 42, near), NOW)).isInstanceOf(Moved.class);
  }

  /** R6. */
  @Test
  void automaticRefreshesAreLimited() {
    Ticket sixth =
        Ticket.issue("t".repeat(22), TicketFixtures.terms(NOW, LoginPolicy.EXPLICIT, false, 5));
    assertThat(RULES.apply(sixth, new Refresh(true), NOW))
        .isEqualTo(new Refused(sixth, Refusal.REFRESH_LIMIT));
    assertThat(RULES.apply(sixth, new Refresh(false), NOW)).isInstanceOf(Moved.class);
  }

  @Test
  void eventsOfAnotherProviderAreRefused() {
    Ticket ticket = issued(NOW);
    var foreign = new TicketEvent.Scan("wechat-oa", "alice", null, "h", Place.UNKNOWN, false);
    assertThat(RULES.apply(ticket, foreign, NOW)).isEqualTo(new Refused(ticket, Refusal.UNKNOWN));
  }

  /** R9, R19: tickets in log lines. */
  @ParameterizedTest
  @EnumSource(TicketState.class)
  void textFormsContainNoSecretAndNoUser(TicketState state) {
    Ticket ticket = TicketFixtures.in(state, NOW);
    assertThat(ticket + " " + ticket.terms() + " " + ticket.claim())
        .doesNotContain(
            "alice",
            "42",
            BearerSecrets.hash(TicketFixtures.WATCH),
            BearerSecrets.hash(TicketFixtures.VERIFIER),
            ticket.id());
  }

  private static Terms at(Terms t, Place place) {
    return new Terms(
        t.group(),
        t.automaticRefreshes(),
        t.provider(),
        t.confirmsItself(),
        t.reference(),
        t.content(),
        t.policy(),
        t.createdAt(),
        t.life(),
        t.confirmWithin(),
        t.exchangeWithin(),
        t.watchHash(),
        t.challenge(),
        t.browserHash(),
        t.browserBound(),
        t.matchCode(),
        t.choices(),
        t.label(),
        t.browser(),
        place,
        t.site());
  }
}

package io.heliograph.login;

import io.heliograph.login.TicketEvent.Cancel;
import io.heliograph.login.TicketEvent.Confirm;
import io.heliograph.login.TicketEvent.Deadline;
import io.heliograph.login.TicketEvent.Deny;
import io.heliograph.login.TicketEvent.Exchange;
import io.heliograph.login.TicketEvent.Phone;
import io.heliograph.login.TicketEvent.ProviderCancel;
import io.heliograph.login.TicketEvent.Refresh;
import io.heliograph.login.TicketEvent.Scan;
import io.heliograph.login.TicketOutcome.Moved;
import io.heliograph.login.TicketOutcome.Refused;
import io.heliograph.login.TicketOutcome.Unchanged;
import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The state machine of a ticket: the outcome of each event in each state. Pure functions; the store
 * applies an outcome by compare-and-set, and the event is decided again if that fails.
 *
 * @param denyOnMany whether a ticket that {@link #MANY} subjects have scanned ends. Third parties
 *     can use that to deny the owner a login
 */
public record TicketRules(int refreshLimit, Proximity proximity, boolean denyOnMany) {

  /**
   * The number of distinct subjects, the owner of the ticket included, from which repeated scans
   * are treated as an attack.
   */
  static final int MANY = 3;

  static final int WRONG_CODES = 3;
  static final int WRONG_VERIFIERS = 5;

  public TicketOutcome apply(Ticket stored, TicketEvent input, Instant now) {
    // An overdue ticket is expired for all callers from its deadline on, whether or not the store
    // holds that state yet.
    boolean lapses = stored.lapsedAt(now);
    Ticket t =
        lapses ? stored.ended(TicketState.EXPIRED, stored.deadline(), EndReason.DEADLINE) : stored;
    return switch (input) {
      case Scan scan when !scan.provider().equals(t.terms().provider()) ->
          refused(t, Refusal.UNKNOWN);
      case Scan scan ->
          switch (t.state()) {
            case ISSUED -> claim(t, scan, now);
            case SCANNED, CONFIRMED, CONSUMED -> scanAgain(t, scan, now);
            case DENIED, CANCELLED, SUPERSEDED, EXPIRED -> refused(t, Refusal.GONE);
          };
      case Confirm confirm when hasForeignToken(t, confirm.phone()) -> refused(t, Refusal.UNKNOWN);
      case Confirm confirm ->
          switch (t.state()) {
            case ISSUED -> refused(t, Refusal.NOT_SCANNED);
            case SCANNED ->
                isOther(t, confirm.phone().subject())
                    ? refused(t, Refusal.SUBJECT_MISMATCH)
                    : confirm(t, confirm, now);
            case CONFIRMED, CONSUMED ->
                isOther(t, confirm.phone().subject())
                    ? refused(t, Refusal.SUBJECT_MISMATCH)
                    : same(t);
            case DENIED, CANCELLED, SUPERSEDED, EXPIRED -> refused(t, Refusal.GONE);
          };
      case Deny deny when hasForeignToken(t, deny.phone()) -> refused(t, Refusal.UNKNOWN);
      case Deny deny when isOther(t, deny.phone().subject()) ->
          refused(t, Refusal.SUBJECT_MISMATCH);
      case Deny _ ->
          switch (t.state()) {
            case ISSUED -> refused(t, Refusal.NOT_SCANNED);
            case SCANNED -> end(t, TicketState.DENIED, now, EndReason.DENIED_ON_PHONE);
            case CONFIRMED -> refused(t, Refusal.IN_USE);
            case DENIED -> same(t);
            case CONSUMED, CANCELLED, SUPERSEDED, EXPIRED -> refused(t, Refusal.GONE);
          };
      case ProviderCancel cancel when !cancel.provider().equals(t.terms().provider()) ->
          refused(t, Refusal.UNKNOWN);
      case ProviderCancel cancel ->
          switch (t.state()) {
            case ISSUED ->
                t.terms().confirmsItself()
                    ? end(t, TicketState.DENIED, now, EndReason.DENIED_ON_PHONE)
                    : refused(t, Refusal.NOT_SCANNED);
            case SCANNED ->
                isOther(t, cancel.subject())
                    ? refused(t, Refusal.SUBJECT_MISMATCH)
                    : end(t, TicketState.DENIED, now, EndReason.DENIED_ON_PHONE);
            case CONFIRMED -> refused(t, Refusal.IN_USE);
            case CONSUMED, DENIED, CANCELLED, SUPERSEDED, EXPIRED -> same(t);
          };
      case Exchange exchange ->
          switch (t.state()) {
            case ISSUED, SCANNED -> refused(t, Refusal.NOT_CONFIRMED);
            case CONFIRMED -> collect(t, exchange, now);
            case CONSUMED -> collectAgain(t, exchange);
            case DENIED, CANCELLED, SUPERSEDED, EXPIRED -> refused(t, Refusal.GONE);
          };
      case Cancel cancel ->
          switch (t.state()) {
            case ISSUED -> end(t, TicketState.CANCELLED, now, cancel.reason());
            case SCANNED, CONFIRMED ->
                cancel.unscanned()
                    ? refused(t, Refusal.IN_USE)
                    : end(t, TicketState.CANCELLED, now, cancel.reason());
            case CONSUMED, DENIED, CANCELLED, SUPERSEDED, EXPIRED -> same(t);
          };
      case Refresh refresh ->
          switch (t.state()) {
            case ISSUED ->
                refresh.automatic() && t.terms().automaticRefreshes() >= refreshLimit
                    ? refused(t, Refusal.REFRESH_LIMIT)
                    : end(t, TicketState.SUPERSEDED, now, EndReason.REFRESHED);
            case SCANNED, CONFIRMED -> refused(t, Refusal.IN_USE);
            case CONSUMED, DENIED, CANCELLED, SUPERSEDED, EXPIRED -> refused(t, Refusal.GONE);
          };
      case Deadline _ -> lapses ? new Moved(t) : same(t);
    };
  }

  private static TicketOutcome claim(Ticket t, Scan scan, Instant now) {
    boolean confirms = scan.confirming() || t.terms().policy() == LoginPolicy.ON_SCAN;
    PhoneClaim claim =
        new PhoneClaim(
            scan.subject(),
            scan.unionId(),
            scan.phoneHash(),
            now,
            confirms ? now : null,
            0,
            scan.place(),
            t.terms().place().to(scan.place()));
    return confirms
        ? new Moved(t.to(TicketState.CONFIRMED, now, now.plus(t.terms().exchangeWithin()), claim))
        : new Moved(t.to(TicketState.SCANNED, now, confirmBy(t.terms(), now), claim));
  }

  private static Instant confirmBy(Terms terms, Instant now) {
    Instant afterScan = now.plus(terms.confirmWithin());
    Instant atMost = terms.createdAt().plus(terms.life()).plus(terms.confirmWithin());
    return afterScan.isBefore(atMost) ? afterScan : atMost;
  }

  private TicketOutcome scanAgain(Ticket t, Scan scan, Instant now) {
    if (!isOther(t, scan.subject())) {
      return same(t);
    }
    Ticket counted = t.others().size() < MANY ? t.withOther(BearerSecrets.hash(scan.subject())) : t;
    boolean many = counted.others().size() + 1 >= MANY;
    return many && denyOnMany && !t.state().isFinal()
        ? refused(
            counted.ended(TicketState.DENIED, now, EndReason.CLAIMED_BY_MANY),
            Refusal.ALREADY_CLAIMED)
        : refused(counted, Refusal.ALREADY_CLAIMED);
  }

  private TicketOutcome confirm(Ticket t, Confirm confirm, Instant now) {
    PhoneClaim claim = Objects.requireNonNull(t.claim());
    Integer code = t.terms().matchCode();
    boolean answeredElsewhere = confirm.phone().vouched() && confirm.matchCode() == null;
    if (code != null && !answeredElsewhere && !code.equals(confirm.matchCode())) {
      Ticket missed = t.withClaim(claim.missed());
      return refused(
          claim.wrongCodes() + 1 >= WRONG_CODES
              ? missed.ended(TicketState.DENIED, now, EndReason.WRONG_MATCH_CODE)
              : missed,
          Refusal.MATCH_CODE_WRONG);
    }
    Place place = confirm.place().equals(Place.UNKNOWN) ? claim.place() : confirm.place();
    Place.Distance distance = t.terms().place().to(place);
    if (proximity == Proximity.BLOCK
        && distance != Place.Distance.NEAR
        && !confirm.phone().vouched()) {
      return refused(t, Refusal.PROXIMITY);
    }
    return new Moved(
        t.to(
            TicketState.CONFIRMED,
            now,
            now.plus(t.terms().exchangeWithin()),
            claim.confirmed(now, place, distance)));
  }

  private static TicketOutcome collect(Ticket t, Exchange exchange, Instant now) {
    if (isBrowser(t, exchange)) {
      return new Moved(t.consumed(now, exchange.grantHash()));
    }
    // Only wrong verifiers are counted: a browser that lost its cookie is not an attack.
    if (BearerSecrets.same(t.terms().challenge(), exchange.challenge())) {
      return refused(t, Refusal.BROWSER_MISMATCH);
    }
    Ticket counted = t.withWrongVerifier();
    return refused(
        counted.wrongVerifiers() >= WRONG_VERIFIERS
            ? counted.ended(TicketState.CANCELLED, now, EndReason.WRONG_VERIFIER)
            : counted,
        Refusal.BROWSER_MISMATCH);
  }

  /**
   * Handles a repeated exchange after a lost answer. A node of another version made other codes.
   */
  private static TicketOutcome collectAgain(Ticket t, Exchange exchange) {
    if (!isBrowser(t, exchange)) {
      return refused(t, Refusal.BROWSER_MISMATCH);
    }
    return BearerSecrets.same(t.grantHash(), exchange.grantHash())
        ? same(t)
        : refused(t, Refusal.ALREADY_ISSUED);
  }

  /**
   * Whether the caller has the ticket's verifier and, where the login is bound, the browser's
   * cookie.
   */
  static boolean isBrowser(Ticket t, Exchange exchange) {
    boolean cookie =
        exchange.browserHash() == null
            ? !t.terms().browserBound()
            : BearerSecrets.same(t.terms().browserHash(), exchange.browserHash());
    return BearerSecrets.same(t.terms().challenge(), exchange.challenge()) && cookie;
  }

  /**
   * Whether the caller sent a phone token of another ticket. For such a caller the ticket does not
   * exist.
   */
  private static boolean hasForeignToken(Ticket t, Phone phone) {
    PhoneClaim claim = t.claim();
    return phone.tokenHash() != null
        && (claim == null || !BearerSecrets.same(claim.phoneHash(), phone.tokenHash()));
  }

  private static boolean isOther(Ticket t, @Nullable String subject) {
    PhoneClaim claim = t.claim();
    return claim != null && subject != null && !BearerSecrets.same(claim.subject(), subject);
  }

  private static TicketOutcome end(Ticket t, TicketState last, Instant now, EndReason why) {
    return new Moved(t.ended(last, now, why));
  }

  private static TicketOutcome same(Ticket t) {
    return new Unchanged(t);
  }

  private static TicketOutcome refused(Ticket t, Refusal why) {
    return new Refused(t, why);
  }
}

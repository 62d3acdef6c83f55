package io.heliograph.login;

import io.heliograph.login.TicketEvent.Cancel;
import io.heliograph.login.TicketEvent.Confirm;
import io.heliograph.login.TicketEvent.Deny;
import io.heliograph.login.TicketEvent.Phone;
import io.heliograph.login.TicketEvent.ProviderCancel;
import io.heliograph.login.TicketEvent.Scan;
import io.heliograph.login.TicketOutcome.Refused;
import io.heliograph.login.TicketOutcome.Unchanged;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The phone's side of a login: scans, confirmations and denials, from callbacks, the site's backend
 * or the confirm page. All calls are idempotent: a repetition changes nothing and gets the first
 * answer. {@link BrowserLogins} is the browser's side.
 */
public class PhoneLogins {

  private static final Logger log = LoggerFactory.getLogger(PhoneLogins.class);

  private final Tickets tickets;
  private final Grants grants;
  private final PhoneTokens phoneTokens;
  private final LoginLimits limits;
  private final DisownedLogins reports;

  public PhoneLogins(
      Tickets tickets,
      Grants grants,
      PhoneTokens phoneTokens,
      LoginLimits limits,
      DisownedLogins reports) {
    this.tickets = tickets;
    this.grants = grants;
    this.phoneTokens = phoneTokens;
    this.limits = limits;
    this.reports = reports;
  }

  /**
   * The state for a subscriber of the login; empty for an unknown ticket and for a wrong token
   * alike.
   */
  public Optional<LoginSnapshot> snapshot(String ticket, @Nullable String watchToken) {
    return watched(ticket, watchToken).map(t -> LoginSnapshot.of(t, tickets.store().now()));
  }

  /**
   * Whether the ticket is unscanned, belongs to the provider, and was issued to the browser with
   * this cookie.
   */
  public boolean waitsIn(String ticket, String cookie, String provider) {
    String presented = BearerSecrets.hash(cookie);
    return tickets
        .find(ticket)
        .filter(t -> t.state() == TicketState.ISSUED && t.terms().provider().equals(provider))
        .filter(t -> BearerSecrets.same(t.terms().browserHash(), presented))
        .isPresent();
  }

  public Optional<Ticket> watched(String ticket, @Nullable String watchToken) {
    String presented = watchToken == null ? null : BearerSecrets.hash(watchToken);
    return tickets.find(ticket).filter(t -> BearerSecrets.same(t.terms().watchHash(), presented));
  }

  /** Applies a provider's verified report that its user scanned the code. */
  public LoginOutcome scanned(String ticket, String subject, String provider) {
    return scanned(ticket, subject, null, provider, null);
  }

  /**
   * @param unionId the user's name across the provider's apps; null when it has none
   * @param reference the provider's own name for the code, when its event contains it
   */
  public LoginOutcome scanned(
      String ticket,
      String subject,
      @Nullable String unionId,
      String provider,
      @Nullable String reference) {
    Optional<Ticket> found = tickets.find(ticket);
    if (reference != null
        && found.isPresent()
        && !reference.equals(found.get().terms().reference())) {
      log.warn("security: the code reference of a scan does not match {}", found.get());
      return new LoginOutcome.Refused(Refusal.UNKNOWN, null, 0);
    }
    return scan(ticket, subject, unionId, provider, Place.UNKNOWN, false);
  }

  public LoginOutcome scan(
      String ticket,
      String subject,
      @Nullable String unionId,
      String provider,
      Place place,
      boolean confirming) {
    Optional<Ticket> found = tickets.find(ticket);
    if (found.isEmpty()) {
      return unknown();
    }
    PhoneClaim claim = found.get().claim();
    boolean again = claim != null && claim.subject().equals(subject);
    if (!again && !limits.mayScan(subject)) {
      return new LoginOutcome.Refused(Refusal.RATE_LIMITED, found.get().state(), 0);
    }
    String token = phoneTokens.of(ticket, subject);
    return outcome(
        tickets.apply(
            ticket,
            new Scan(provider, subject, unionId, BearerSecrets.hash(token), place, confirming)),
        "scan by " + Subjects.masked(subject));
  }

  /**
   * Applies a provider's verified report that its user confirmed, also when the report of the scan
   * has not arrived yet.
   */
  public LoginOutcome confirmed(String ticket, String subject, String provider) {
    return confirmed(ticket, subject, null, provider, null);
  }

  public LoginOutcome confirmed(
      String ticket,
      String subject,
      @Nullable String unionId,
      String provider,
      @Nullable Integer matchCode) {
    Optional<Ticket> found = tickets.find(ticket);
    if (found.isEmpty() || !found.get().terms().provider().equals(provider)) {
      return unknown();
    }
    if (found.get().state() == TicketState.ISSUED && matchCode == null) {
      LoginOutcome scanned = scan(ticket, subject, unionId, provider, Place.UNKNOWN, true);
      if (!(scanned instanceof LoginOutcome.Done done) || done.state() != TicketState.SCANNED) {
        return scanned;
      }
      // The report of the scan arrived between the two reads.
    } else if (found.get().state() == TicketState.ISSUED) {
      LoginOutcome scanned = scan(ticket, subject, unionId, provider, Place.UNKNOWN, false);
      if (scanned instanceof LoginOutcome.Refused) {
        return scanned;
      }
    }
    return confirm(ticket, new Phone(null, subject, true), matchCode, Place.UNKNOWN);
  }

  public LoginOutcome confirm(
      String ticket, Phone phone, @Nullable Integer matchCode, Place place) {
    return outcome(tickets.apply(ticket, new Confirm(phone, matchCode, place)), "confirm");
  }

  /**
   * Applies a provider's verified report that its user refused.
   *
   * @param subject null when the provider does not name the user
   */
  public LoginOutcome denied(String ticket, @Nullable String subject, String provider) {
    Optional<Ticket> found = tickets.find(ticket);
    if (found.isPresent()
        && found.get().state() == TicketState.ISSUED
        && !found.get().terms().confirmsItself()
        && subject != null) {
      LoginOutcome scanned = scanned(ticket, subject, provider);
      if (scanned instanceof LoginOutcome.Refused) {
        return scanned;
      }
    }
    return outcome(tickets.apply(ticket, new ProviderCancel(provider, subject)), "provider cancel");
  }

  /**
   * @param report the user did not request this login: a grant that the browser collected is
   *     revoked
   */
  public LoginOutcome deny(String ticket, Phone phone, boolean report) {
    LoginOutcome denied = outcome(tickets.apply(ticket, new Deny(phone)), "deny");
    boolean late =
        denied instanceof LoginOutcome.Refused r
            && (r.state() == TicketState.CONFIRMED || r.state() == TicketState.CONSUMED)
            && (r.why() == Refusal.IN_USE || r.why() == Refusal.GONE);
    if (!report || !late) {
      return denied;
    }
    Optional<TicketOutcome> cancelled = tickets.apply(ticket, new Cancel(EndReason.REPORTED));
    cancelled.map(TicketOutcome::ticket).ifPresent(this::takeBack);
    return outcome(cancelled, "report");
  }

  private void takeBack(Ticket ticket) {
    reports.reported(ticket, grants.revoke(ticket));
  }

  public Optional<Ticket> find(String ticket) {
    return tickets.find(ticket);
  }

  /** Returns the ticket if this phone has claimed it. */
  public Optional<Ticket> claimedBy(String ticket, String phoneToken) {
    String presented = BearerSecrets.hash(phoneToken);
    return tickets
        .find(ticket)
        .filter(t -> t.claim() != null && BearerSecrets.same(t.claim().phoneHash(), presented));
  }

  public static LoginOutcome.Context context(Ticket ticket, Place phone) {
    Terms terms = ticket.terms();
    PhoneClaim claim = ticket.claim();
    Place where = phone.equals(Place.UNKNOWN) && claim != null ? claim.place() : phone;
    return new LoginOutcome.Context(
        terms.label(),
        terms.place().address(),
        terms.place().city(),
        terms.place().country(),
        terms.browser(),
        terms.createdAt(),
        terms.site(),
        terms.choices(),
        terms.place().to(where) == Place.Distance.FAR,
        ticket.deadline());
  }

  private LoginOutcome outcome(Optional<TicketOutcome> applied, String what) {
    if (applied.isEmpty()) {
      return unknown();
    }
    Ticket ticket = applied.get().ticket();
    PhoneClaim claim = ticket.claim();
    if (applied.get() instanceof Refused(_, Refusal why)) {
      log.info("{}: {} refused, {}", ticket, what, why);
      if (why == Refusal.ALREADY_CLAIMED && ticket.others().size() + 1 >= TicketRules.MANY) {
        log.warn("security: {} was scanned by at least {} users", ticket, TicketRules.MANY);
      }
      if (ticket.reason() == EndReason.WRONG_MATCH_CODE) {
        log.warn(
            "security: {} was denied after {} wrong match codes", ticket, TicketRules.WRONG_CODES);
      }
      if (why == Refusal.UNKNOWN) {
        return unknown();
      }
      int left = claim == null ? 0 : Math.max(0, TicketRules.WRONG_CODES - claim.wrongCodes());
      return new LoginOutcome.Refused(why, ticket.state(), left);
    }
    boolean repeated = applied.get() instanceof Unchanged;
    if (!repeated) {
      log.info("{}: {}", ticket, what);
    }
    return new LoginOutcome.Done(ticket.state(), repeated, token(ticket));
  }

  /** Null when the login has ended, or when a node with another secret made the token. */
  private @Nullable String token(Ticket ticket) {
    PhoneClaim claim = ticket.claim();
    if (claim == null || ticket.state().isFinal()) {
      return null;
    }
    String token = phoneTokens.of(ticket.id(), claim.subject());
    return BearerSecrets.same(claim.phoneHash(), BearerSecrets.hash(token)) ? token : null;
  }

  private static LoginOutcome unknown() {
    return new LoginOutcome.Refused(Refusal.UNKNOWN, null, 0);
  }
}

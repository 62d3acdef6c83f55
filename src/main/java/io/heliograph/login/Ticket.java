package io.heliograph.login;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One attempt to log in by a code, as the store keeps it. The id is public, since it stands in the
 * code; whatever else a caller must know is here only as its hash.
 *
 * @param version rises by one with each transition, and is the sequence number of what is pushed
 * @param changedAt when the state was entered; for {@code EXPIRED} the deadline itself
 * @param deadline when an open state lapses
 * @param claim null until a phone has scanned
 * @param wrongVerifiers failures to prove to be the browser, by somebody who has its watch token
 * @param others hashes of other subjects that scanned, at most {@link TicketRules#MANY}
 * @param grantHash SHA-256 of the grant code, once collected
 */
public record Ticket(
    String id,
    Terms terms,
    TicketState state,
    int version,
    Instant changedAt,
    Instant deadline,
    @Nullable PhoneClaim claim,
    int wrongVerifiers,
    Set<String> others,
    @Nullable String grantHash,
    @Nullable EndReason reason) {

  /** How long a ended ticket still answers what became of it. */
  public static final Duration TOMBSTONE = Duration.ofMinutes(10);

  public Ticket {
    // A store that keeps texts may find one that nobody wrote.
    Objects.requireNonNull(id);
    Objects.requireNonNull(terms);
    Objects.requireNonNull(state);
    Objects.requireNonNull(changedAt);
    Objects.requireNonNull(deadline);
    others = Set.copyOf(others);
    if (version < 1
        || (claim == null && (state == TicketState.SCANNED || state == TicketState.CONFIRMED))) {
      throw new IllegalArgumentException("no transition leads to such a ticket");
    }
  }

  static Ticket issue(String id, Terms terms) {
    return new Ticket(
        id,
        terms,
        TicketState.ISSUED,
        1,
        terms.createdAt(),
        terms.createdAt().plus(terms.life()),
        null,
        0,
        Set.of(),
        null,
        null);
  }

  /** It is open by the record, but its time is over. The boundary belongs to the far side. */
  public boolean lapsedAt(Instant now) {
    return !state.isFinal() && !now.isBefore(deadline);
  }

  /** Nothing is told of it any more. */
  public boolean forgottenAt(Instant now) {
    return !now.isBefore(forgottenFrom());
  }

  public Instant forgottenFrom() {
    Instant end = state.isFinal() ? changedAt : deadline;
    return end.plus(TOMBSTONE);
  }

  /**
   * Tells what a store holds from what it held before: each change raises one of these numbers and
   * lowers none. A store that keeps texts compares this rather than them, so that a node of another
   * version, whose text has other fields, can go on with the ticket.
   */
  public String mark() {
    int wrongCodes = claim == null ? 0 : claim.wrongCodes();
    return version + "." + wrongVerifiers + '.' + wrongCodes + '.' + others.size();
  }

  Ticket to(TicketState next, Instant now, Instant nextDeadline, @Nullable PhoneClaim nextClaim) {
    return new Ticket(
        id,
        terms,
        next,
        version + 1,
        now,
        nextDeadline,
        nextClaim,
        wrongVerifiers,
        others,
        grantHash,
        null);
  }

  public Ticket ended(TicketState last, Instant now, @Nullable EndReason why) {
    return new Ticket(
        id, terms, last, version + 1, now, deadline, claim, wrongVerifiers, others, grantHash, why);
  }

  Ticket consumed(Instant now, String grant) {
    return new Ticket(
        id,
        terms,
        TicketState.CONSUMED,
        version + 1,
        now,
        deadline,
        claim,
        wrongVerifiers,
        others,
        grant,
        null);
  }

  Ticket withClaim(PhoneClaim changed) {
    return new Ticket(
        id,
        terms,
        state,
        version,
        changedAt,
        deadline,
        changed,
        wrongVerifiers,
        others,
        grantHash,
        reason);
  }

  public Ticket withWrongVerifier() {
    return new Ticket(
        id,
        terms,
        state,
        version,
        changedAt,
        deadline,
        claim,
        wrongVerifiers + 1,
        others,
        grantHash,
        reason);
  }

  public Ticket withOther(String subjectHash) {
    Set<String> more = new HashSet<>(others);
    more.add(subjectHash);
    return new Ticket(
        id,
        terms,
        state,
        version,
        changedAt,
        deadline,
        claim,
        wrongVerifiers,
        more,
        grantHash,
        reason);
  }

  @Override
  public String toString() {
    return "Ticket[" + id.substring(0, 6) + "… " + state + " v" + version + ']';
  }
}

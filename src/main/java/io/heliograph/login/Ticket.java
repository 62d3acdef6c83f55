package io.heliograph.login;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One login attempt with a QR code, as the store holds it. The id is public, since the code
 * contains it; secrets that callers present are stored only as hashes.
 *
 * @param version increases by one with each transition, and is the sequence number of published
 *     states
 * @param changedAt when the ticket entered its state; for {@code EXPIRED} the deadline itself
 * @param deadline when an open state expires
 * @param claim null until a phone has scanned the code
 * @param wrongVerifiers wrong verifiers that were sent with the ticket's watch token
 * @param others hashes of other subjects that scanned the code, at most {@link TicketRules#MANY}
 * @param grantHash SHA-256 of the grant code, once it was collected
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

  /**
   * How long the store keeps a ticket after its end, so that calls are answered with the final
   * state.
   */
  public static final Duration TOMBSTONE = Duration.ofMinutes(10);

  public Ticket {
    // A store of texts can contain entries that no node wrote.
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

  /**
   * Whether the stored state is open but its deadline has passed. At the deadline itself the ticket
   * has expired.
   */
  public boolean lapsedAt(Instant now) {
    return !state.isFinal() && !now.isBefore(deadline);
  }

  /** Whether the store treats the ticket as unknown. */
  public boolean forgottenAt(Instant now) {
    return !now.isBefore(forgottenFrom());
  }

  public Instant forgottenFrom() {
    Instant end = state.isFinal() ? changedAt : deadline;
    return end.plus(TOMBSTONE);
  }

  /**
   * Identifies a stored version for compare-and-set: each change increases one of these numbers and
   * decreases none. Stores compare it instead of the whole text, so that a node of another version,
   * whose text has other fields, can change the ticket too.
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

package io.heliograph.login;

import io.heliograph.login.GrantStore.Revocation;
import io.heliograph.login.TicketEvent.Exchange;
import io.heliograph.login.TicketOutcome.Moved;
import io.heliograph.login.TicketOutcome.Refused;
import io.heliograph.login.TicketOutcome.Unchanged;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Objects;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Issues, redeems and revokes grant codes. The browser that started the login collects a code with
 * its verifier; the site's backend redeems it once for the user's identity.
 *
 * <p>A code is an HMAC of the ticket and the browser's verifier with a key of this service. A
 * browser that did not receive the answer repeats the call and gets the same code. Only the hash of
 * a code is stored.
 */
public final class Grants {

  /** How long a code can be redeemed. The time starts again when the browser repeats its call. */
  public static final Duration LIFE = Duration.ofSeconds(30);

  private static final Logger log = LoggerFactory.getLogger(Grants.class);
  private static final String HMAC = "HmacSHA256";

  private final Tickets tickets;
  private final GrantStore store;
  private final UserNotifications notifications;
  private final SecretKeySpec key;

  /**
   * @param key 256 bits, the same on all nodes and secret
   */
  Grants(Tickets tickets, GrantStore store, UserNotifications notifications, byte[] key) {
    this.tickets = tickets;
    this.store = store;
    this.notifications = notifications;
    this.key = new SecretKeySpec(key, HMAC);
  }

  /**
   * Returns the grant code to the browser that has the verifier and, where the login is bound, the
   * cookie.
   *
   * @throws io.heliograph.problem.ProblemException when the caller may not collect a grant
   */
  public String collect(Ticket seen, String verifier, @Nullable String cookie) {
    String code = code(seen.id(), verifier);
    String hash = BearerSecrets.hash(code);
    Exchange exchange =
        new Exchange(
            BearerSecrets.hash(verifier), cookie == null ? null : BearerSecrets.hash(cookie), hash);
    // Stored before the ticket changes, while the code is still unknown to all clients: if the
    // store fails between the two, the repeated call completes both.
    boolean stored =
        seen.state() == TicketState.CONFIRMED
            && TicketRules.isBrowser(seen, exchange)
            && store.issue(hash, grant(seen));
    TicketOutcome outcome = tickets.apply(seen.id(), exchange).orElseThrow(LoginProblems::notFound);
    return switch (outcome) {
      case Moved(Ticket collected) -> {
        notifications.collected(collected);
        yield code;
      }
      case Unchanged(Ticket collected) -> {
        if (!repeat(collected, hash)) {
          log.warn(
              "security: {}: the grant was requested again after it was redeemed or revoked",
              collected);
          throw LoginProblems.of(Refusal.ALREADY_ISSUED, collected.state(), 0);
        }
        yield code;
      }
      case Refused(Ticket now, Refusal why) -> {
        if (stored) {
          store.revoke(hash);
        }
        throw LoginProblems.of(why, now.state(), 0);
      }
    };
  }

  /**
   * Whether the browser can get the same code again: before the deadline, not redeemed, not
   * revoked.
   */
  private boolean repeat(Ticket collected, String hash) {
    Instant last = collected.changedAt().plus(collected.terms().exchangeWithin());
    return tickets.store().now().isBefore(last) && store.issue(hash, grant(collected));
  }

  private String code(String ticket, String verifier) {
    try {
      Mac mac = Mac.getInstance(HMAC);
      mac.init(key);
      // Both have fixed lengths, so no two pairs give the same text.
      byte[] code = mac.doFinal((ticket + verifier).getBytes(StandardCharsets.US_ASCII));
      return Base64.getUrlEncoder().withoutPadding().encodeToString(code);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every Java platform has " + HMAC, e);
    }
  }

  private Grant grant(Ticket ticket) {
    PhoneClaim claim = Objects.requireNonNull(ticket.claim());
    return new Grant(
        ticket.id(),
        claim.subject(),
        claim.unionId(),
        ticket.terms().provider(),
        ticket.terms().policy(),
        Objects.requireNonNull(claim.confirmedAt()),
        claim.distance() == Place.Distance.FAR,
        ticket.others().size(),
        tickets.store().now().plus(LIFE));
  }

  /**
   * Redeems a code once, before it expires. Unknown, used, revoked and expired codes all give an
   * empty result.
   */
  public Optional<Grant> redeem(String code) {
    return store.redeem(BearerSecrets.hash(code));
  }

  /** Revokes the grant that the ticket's browser collected; null when it collected none. */
  @Nullable Revocation revoke(Ticket ticket) {
    String hash = ticket.grantHash();
    return hash == null ? null : store.revoke(hash);
  }
}

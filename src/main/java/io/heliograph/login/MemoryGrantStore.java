package io.heliograph.login;

import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The grants of a single node. There is at most one for a ticket, so the tickets' bound bounds them
 * too.
 */
final class MemoryGrantStore implements GrantStore {

  private record Entry(Grant grant, boolean redeemed) {}

  private final ConcurrentMap<String, Entry> entriesByHash = new ConcurrentHashMap<>();
  private final StoreClock clock;

  MemoryGrantStore(Clock clock) {
    this.clock = new StoreClock(clock);
  }

  @Override
  public void issue(String hash, Grant grant) {
    entriesByHash.put(hash, new Entry(grant, false));
  }

  @Override
  public Optional<Grant> redeem(String hash) {
    Entry entry = entriesByHash.get(hash);
    if (entry == null || entry.redeemed || !clock.now().isBefore(entry.grant.expiresAt())) {
      return Optional.empty();
    }
    return entriesByHash.replace(hash, entry, new Entry(entry.grant, true))
        ? Optional.of(entry.grant)
        : Optional.empty();
  }

  @Override
  public Revocation revoke(String hash) {
    Revocation[] answer = {Revocation.UNKNOWN};
    entriesByHash.computeIfPresent(
        hash,
        (_, entry) -> {
          answer[0] = entry.redeemed ? Revocation.WAS_REDEEMED : Revocation.REVOKED;
          // What was redeemed stays, so that a second attempt to take it back gets the same answer.
          return entry.redeemed ? entry : null;
        });
    return answer[0];
  }

  @Override
  public void forget() {
    entriesByHash
        .values()
        .removeIf(e -> !clock.now().isBefore(e.grant.expiresAt().plus(Ticket.TOMBSTONE)));
  }
}

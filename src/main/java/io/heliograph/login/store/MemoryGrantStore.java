package io.heliograph.login.store;

import io.heliograph.login.Grant;
import io.heliograph.login.GrantStore;
import io.heliograph.login.Ticket;
import java.time.Clock;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;

/**
 * The grant store of a single node. There is at most one grant per ticket, so the bound of tickets
 * also bounds grants.
 */
public final class MemoryGrantStore implements GrantStore {

  private enum Use {
    NONE,
    REDEEMED,
    REVOKED
  }

  private record Entry(Grant grant, Use use) {}

  private final ConcurrentMap<String, Entry> entriesByHash = new ConcurrentHashMap<>();
  private final StoreClock clock;

  public MemoryGrantStore(Clock clock) {
    this.clock = new StoreClock(clock);
  }

  @Override
  public boolean issue(String hash, Grant grant) {
    Entry kept =
        entriesByHash.compute(
            hash,
            (_, entry) ->
                entry == null || entry.use == Use.NONE ? new Entry(grant, Use.NONE) : entry);
    return kept.use == Use.NONE;
  }

  @Override
  public Optional<Grant> redeem(String hash) {
    Entry entry = entriesByHash.get(hash);
    if (entry == null || entry.use != Use.NONE || !clock.now().isBefore(entry.grant.expiresAt())) {
      return Optional.empty();
    }
    return entriesByHash.replace(hash, entry, new Entry(entry.grant, Use.REDEEMED))
        ? Optional.of(entry.grant)
        : Optional.empty();
  }

  @Override
  public Revocation revoke(String hash) {
    Revocation[] answer = {Revocation.UNKNOWN};
    entriesByHash.computeIfPresent(
        hash,
        (_, entry) -> {
          answer[0] =
              switch (entry.use) {
                case NONE -> Revocation.REVOKED;
                case REDEEMED -> Revocation.WAS_REDEEMED;
                case REVOKED -> Revocation.UNKNOWN;
              };
          return entry.use == Use.NONE ? new Entry(entry.grant, Use.REVOKED) : entry;
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

package io.heliograph.idempotency;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * One node's claims, bounded in number and bytes. Claims in work are never pushed out, only stored
 * replies are.
 */
public final class MemoryIdempotencyStore implements IdempotencyStore {

  /** What an entry costs besides its texts, roughly: three objects and two nodes. */
  private static final int OVERHEAD = 300;

  private record Slot(String scope, String key) {}

  /** {@code reply} is null while the work goes on. */
  private record Entry(
      Slot slot,
      String owner,
      byte[] fingerprint,
      @Nullable StoredReply reply,
      Instant expires,
      long number) {

    long bytes() {
      return OVERHEAD
          + 2L * (slot.scope.length() + slot.key.length())
          + fingerprint.length
          + (reply == null ? 0 : reply.body().length);
    }
  }

  private static final Comparator<Entry> BY_EXPIRY =
      Comparator.comparing(Entry::expires).thenComparingLong(Entry::number);

  private final int maxEntries;
  private final long maxBytes;
  private final Clock clock;

  // All below is guarded by this. The two sets hold the map's entries, each in one of them.
  private final Map<Slot, Entry> entriesBySlot = new HashMap<>();
  private final TreeSet<Entry> working = new TreeSet<>(BY_EXPIRY);
  private final TreeSet<Entry> done = new TreeSet<>(BY_EXPIRY);
  private long bytes;
  private long counter;

  public MemoryIdempotencyStore(IdempotencyProperties bounds, Clock clock) {
    maxEntries = bounds.maxEntries();
    maxBytes = bounds.maxBytes().toBytes();
    this.clock = clock;
  }

  @Override
  public synchronized Claim claim(String scope, String key, String fingerprint, Duration lease) {
    Instant now = clock.instant();
    expire(now);
    Slot slot = new Slot(scope, key);
    byte[] print = fingerprint.getBytes(StandardCharsets.UTF_8);
    Entry there = entriesBySlot.get(slot);
    if (there != null) {
      if (!MessageDigest.isEqual(there.fingerprint, print)) {
        return new Claim.Reused();
      }
      return there.reply == null ? new Claim.InProgress() : new Claim.Done(there.reply);
    }
    String owner = UUID.randomUUID().toString();
    Entry entry = new Entry(slot, owner, print, null, now.plus(lease), counter++);
    makeRoom(entry.bytes());
    if (entriesBySlot.size() >= maxEntries || bytes + entry.bytes() > maxBytes) {
      throw new IdempotencyStoreUnavailableException("too many requests are in work", null);
    }
    add(entry);
    return new Claim.Fresh(scope, key, owner);
  }

  @Override
  public synchronized boolean complete(Claim.Fresh claim, StoredReply reply, Duration keep) {
    Instant now = clock.instant();
    expire(now);
    Entry held = held(claim);
    if (held == null) {
      return false;
    }
    remove(held);
    Entry entry =
        new Entry(held.slot, held.owner, held.fingerprint, reply, now.plus(keep), counter++);
    makeRoom(entry.bytes());
    if (bytes + entry.bytes() > maxBytes) {
      return false;
    }
    add(entry);
    return true;
  }

  @Override
  public synchronized void release(Claim.Fresh claim) {
    Entry held = held(claim);
    if (held != null) {
      remove(held);
    }
  }

  /** How many keys are remembered; those that expired count until the next claim. */
  synchronized int size() {
    return entriesBySlot.size();
  }

  private @Nullable Entry held(Claim.Fresh claim) {
    Entry entry = entriesBySlot.get(new Slot(claim.scope(), claim.key()));
    return entry != null && entry.reply == null && entry.owner.equals(claim.owner()) ? entry : null;
  }

  private void expire(Instant now) {
    for (TreeSet<Entry> entries : List.of(working, done)) {
      while (!entries.isEmpty() && !now.isBefore(entries.first().expires)) {
        remove(entries.first());
      }
    }
  }

  private void makeRoom(long size) {
    while (!done.isEmpty() && (entriesBySlot.size() >= maxEntries || bytes + size > maxBytes)) {
      remove(done.first());
    }
  }

  private void add(Entry entry) {
    entriesBySlot.put(entry.slot, entry);
    (entry.reply == null ? working : done).add(entry);
    bytes += entry.bytes();
  }

  private void remove(Entry entry) {
    entriesBySlot.remove(entry.slot);
    (entry.reply == null ? working : done).remove(entry);
    bytes -= entry.bytes();
  }
}

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
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Keeps one node's claims in memory, bounded in number and bytes for each kind. Claims in progress
 * are never evicted; stored replies are, except those that protect against replay. If nothing can
 * be evicted, new claims are refused.
 */
public final class MemoryIdempotencyStore implements IdempotencyStore {

  /** The approximate memory of an entry besides its texts: three objects and two tree nodes. */
  private static final int OVERHEAD = 300;

  private record Slot(String scope, String key) {}

  /** {@code reply} is null while the request is in progress. */
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
  private final AtomicLong refused = new AtomicLong();

  /** By kind, so that one kind never uses the memory of another. */
  private final Map<String, Room> roomsByKind = new ConcurrentHashMap<>();

  public MemoryIdempotencyStore(IdempotencyProperties bounds, Clock clock) {
    maxEntries = bounds.maxEntries();
    maxBytes = bounds.maxBytes().toBytes();
    this.clock = clock;
  }

  private Room room(String scope) {
    return roomsByKind.computeIfAbsent(
        IdempotencyStore.kind(scope),
        kind -> new Room(!IdempotencyStore.REPLAY_PROTECTION.contains(kind)));
  }

  @Override
  public Claim claim(String scope, String key, String fingerprint, Duration lease) {
    return room(scope).claim(new Slot(scope, key), fingerprint, lease);
  }

  @Override
  public boolean complete(Claim.Fresh claim, StoredReply reply, Duration keep) {
    return room(claim.scope()).complete(claim, reply, keep);
  }

  @Override
  public void release(Claim.Fresh claim) {
    room(claim.scope()).release(claim);
  }

  /** The number of keys; expired ones count until the next claim of their kind. */
  int size() {
    return roomsByKind.values().stream().mapToInt(Room::size).sum();
  }

  /** The number of claims that were refused because the store was full. */
  long refused() {
    return refused.get();
  }

  /** The entries of one kind. */
  private final class Room {

    /** Whether a stored reply may be evicted before it expires. */
    private final boolean evicts;

    // The fields below are guarded by this. Each entry of the map is in one of the two sets.
    private final Map<Slot, Entry> entriesBySlot = new HashMap<>();
    private final TreeSet<Entry> working = new TreeSet<>(BY_EXPIRY);
    private final TreeSet<Entry> done = new TreeSet<>(BY_EXPIRY);
    private long bytes;
    private long counter;

    Room(boolean evicts) {
      this.evicts = evicts;
    }

    synchronized Claim claim(Slot slot, String fingerprint, Duration lease) {
      Instant now = clock.instant();
      expire(now);
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
      if (!makeRoom(entry.bytes())) {
        refused.incrementAndGet();
        throw new IdempotencyStoreUnavailableException(
            "the memory for idempotency keys of this kind is full (heliograph.idempotency)", null);
      }
      add(entry);
      return new Claim.Fresh(slot.scope, slot.key, owner);
    }

    synchronized boolean complete(Claim.Fresh claim, StoredReply reply, Duration keep) {
      Instant now = clock.instant();
      expire(now);
      Entry held = held(claim);
      if (held == null) {
        return false;
      }
      remove(held);
      Entry entry =
          new Entry(held.slot, held.owner, held.fingerprint, reply, now.plus(keep), counter++);
      // An entry that protects against replay is stored even beyond the limit.
      if (!makeRoom(entry.bytes()) && evicts) {
        return false;
      }
      add(entry);
      return true;
    }

    synchronized void release(Claim.Fresh claim) {
      Entry held = held(claim);
      if (held != null) {
        remove(held);
      }
    }

    synchronized int size() {
      return entriesBySlot.size();
    }

    private @Nullable Entry held(Claim.Fresh claim) {
      Entry entry = entriesBySlot.get(new Slot(claim.scope(), claim.key()));
      return entry != null && entry.reply == null && entry.owner.equals(claim.owner())
          ? entry
          : null;
    }

    private void expire(Instant now) {
      for (TreeSet<Entry> entries : List.of(working, done)) {
        while (!entries.isEmpty() && !now.isBefore(entries.first().expires)) {
          remove(entries.first());
        }
      }
    }

    private boolean makeRoom(long size) {
      while (evicts && !done.isEmpty() && !hasRoom(size)) {
        remove(done.first());
      }
      return hasRoom(size);
    }

    private boolean hasRoom(long size) {
      return entriesBySlot.size() < maxEntries && bytes + size <= maxBytes;
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
}

package io.heliograph.hub;

import io.heliograph.session.SessionProperties;
import io.heliograph.session.Transport;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How many sessions there may be, on this node and from one address. Counted exactly, however many
 * come at once. An address is what {@link Transport#remoteAddress()} answers: of IPv6 the /64.
 */
public final class ConnectionLimits {

  /** What a newcomer is told. */
  public enum Room {
    FREE,
    /** Too many from this address. */
    ADDRESS_FULL,
    NODE_FULL
  }

  private final int maxPerNode;
  private final int maxPerAddress;
  private final AtomicInteger sessions = new AtomicInteger();
  private final ConcurrentHashMap<String, Integer> sessionsByAddress = new ConcurrentHashMap<>();

  ConnectionLimits(SessionProperties properties) {
    maxPerNode = properties.maxPerNode();
    maxPerAddress = properties.maxPerAddress();
  }

  /** A look before the upgrade, so that most of those who find no room get a clear HTTP answer. */
  public Room look(String address) {
    if (sessions.get() >= maxPerNode) {
      return Room.NODE_FULL;
    }
    return sessionsByAddress.getOrDefault(address, 0) >= maxPerAddress
        ? Room.ADDRESS_FULL
        : Room.FREE;
  }

  /** Takes a place, which {@link #giveBack} frees. */
  public Room take(String address) {
    if (sessions.incrementAndGet() > maxPerNode) {
      sessions.decrementAndGet();
      return Room.NODE_FULL;
    }
    int count = sessionsByAddress.merge(address, 1, Integer::sum);
    if (count > maxPerAddress) {
      giveBack(address);
      return Room.ADDRESS_FULL;
    }
    return Room.FREE;
  }

  public void giveBack(String address) {
    sessions.decrementAndGet();
    sessionsByAddress.computeIfPresent(address, (_, count) -> count == 1 ? null : count - 1);
  }
}

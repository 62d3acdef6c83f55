package io.heliograph.hub;

import io.heliograph.session.SessionProperties;
import io.heliograph.session.Transport;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Limits the number of sessions on this node and per address. The counts are exact under
 * concurrency. The address is that of {@link Transport#remoteAddress()}; for IPv6 the /64 prefix.
 */
public final class ConnectionLimits {

  /** Whether one more session is allowed. */
  public enum Room {
    FREE,
    /** Too many sessions from this address. */
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

  /**
   * Checks without reserving, before the upgrade, so that most refused clients get an HTTP answer.
   */
  public Room look(String address) {
    if (sessions.get() >= maxPerNode) {
      return Room.NODE_FULL;
    }
    return sessionsByAddress.getOrDefault(address, 0) >= maxPerAddress
        ? Room.ADDRESS_FULL
        : Room.FREE;
  }

  /** Reserves a place, which {@link #giveBack} releases. */
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

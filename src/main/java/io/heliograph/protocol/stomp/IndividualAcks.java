package io.heliograph.protocol.stomp;

import io.heliograph.message.Position;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Acknowledgements of single messages, in any order, until they join: Heliograph's own count for
 * all messages before, too. Safe for many threads.
 */
final class IndividualAcks {

  /** How many a client may acknowledge beyond one that it left out. */
  static final int MOST_AHEAD = 256;

  private Position joined;
  private final TreeSet<Long> ahead = new TreeSet<>();

  /**
   * @param begin all before are acknowledged
   */
  IndividualAcks(Position begin) {
    this.joined = begin;
  }

  /** Messages up to here are gone and need no acknowledgement. */
  synchronized void skip(Position to) {
    if (!to.epoch().equals(joined.epoch())) {
      joined = to;
      ahead.clear();
    } else if (to.offset() > joined.offset()) {
      joined = to;
      join();
    }
  }

  /**
   * @return up to where all are acknowledged now; null when that has not changed
   */
  synchronized @Nullable Position add(Position position) {
    if (!position.epoch().equals(joined.epoch())) {
      // The log began anew with a message after which the client got a gap, or with none.
      joined = position.at(0);
      ahead.clear();
    }
    if (position.offset() <= joined.offset()) {
      return null;
    }
    ahead.add(position.offset());
    return join() ? joined : null;
  }

  private boolean join() {
    ahead.headSet(joined.offset(), true).clear();
    boolean moved = false;
    while (!ahead.isEmpty() && ahead.first() == joined.offset() + 1) {
      joined = joined.at(ahead.removeFirst());
      moved = true;
    }
    return moved;
  }

  synchronized boolean areTooMany() {
    return ahead.size() > MOST_AHEAD;
  }
}

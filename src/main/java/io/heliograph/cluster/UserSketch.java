package io.heliograph.cluster;

import java.util.List;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Estimates the number of distinct users across nodes with a k-minimum-values sketch (k = 8,192,
 * about 1 % error); exact below k. User names never leave their node.
 *
 * @param numbers hashes of users, distinct and ascending, not negative
 * @param all whether it holds every user's hash, which makes the count exact
 */
record UserSketch(List<Long> numbers, boolean all) {

  /** The k of the sketch. */
  static final int MAX_HASHES = 8_192;

  UserSketch {
    numbers = List.copyOf(numbers);
  }

  static UserSketch of(Stream<String> users) {
    TreeSet<Long> smallest = new TreeSet<>();
    boolean[] all = {true};
    users.forEach(
        user -> {
          if (smallest.add(number(user)) && smallest.size() > MAX_HASHES) {
            smallest.pollLast();
            all[0] = false;
          }
        });
    return new UserSketch(List.copyOf(smallest), all[0]);
  }

  /** Merges the sketches of several nodes. */
  static UserSketch merge(List<UserSketch> nodes) {
    // Beyond the largest hash of a truncated sketch the number of users is unknown.
    long known =
        nodes.stream()
            .filter(users -> !users.all && !users.numbers.isEmpty())
            .mapToLong(users -> users.numbers.getLast())
            .min()
            .orElse(Long.MAX_VALUE);
    TreeSet<Long> numbers = new TreeSet<>();
    nodes.forEach(users -> numbers.addAll(users.numbers));
    return new UserSketch(
        List.copyOf(numbers.headSet(known, true)), nodes.stream().allMatch(UserSketch::all));
  }

  int count() {
    if (all || numbers.isEmpty()) {
      return numbers.size();
    }
    double share = (numbers.getLast() + 1.0) / Long.MAX_VALUE;
    return (int) Math.min(Integer.MAX_VALUE, Math.round((numbers.size() - 1) / share));
  }

  /** FNV-1a over the characters, then mixed to spread evenly. */
  private static long number(String user) {
    long hash = 0xcbf29ce484222325L;
    for (int i = 0; i < user.length(); i++) {
      hash = (hash ^ user.charAt(i)) * 0x100000001b3L;
    }
    hash = (hash ^ (hash >>> 33)) * 0xff51afd7ed558ccdL;
    hash = (hash ^ (hash >>> 33)) * 0xc4ceb9fe1a85ec53L;
    return (hash ^ (hash >>> 33)) >>> 1;
  }
}

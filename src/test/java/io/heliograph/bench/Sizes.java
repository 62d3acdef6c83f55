package io.heliograph.bench;

import java.time.Duration;

/**
 * How much is measured.
 *
 * @param browsers connections of one run; the load and the server each stay below 20,000 open files
 * @param warmSeconds for how long at least a server is loaded before it is measured
 * @param rounds single messages to all browsers
 * @param underWay messages to all browsers that are sent without waiting for each other
 * @param seconds how long a rate is held
 * @param pushesPerSecond the stated rate of pushes to one browser
 * @param slowSeconds how long slow readers do not read; longer than a server's send timeout
 * @param payload bytes of data in a message
 */
public record Sizes(
    int browsers,
    int warmSeconds,
    int rounds,
    int underWay,
    int seconds,
    int pushesPerSecond,
    int slowSeconds,
    int payload) {

  /** Longer than anything takes; a run that does not end by then has failed. */
  public static final Duration LIMIT = Duration.ofSeconds(120);

  static Sizes usual() {
    return new Sizes(10_000, 40, 100, 16, 15, 10_000, 25, 128);
  }

  /** Shows that everything runs; its figures mean nothing. */
  static Sizes small() {
    return new Sizes(500, 1, 20, 16, 2, 1_000, 18, 128);
  }

  Sizes withBrowsers(int count) {
    return new Sizes(
        count, warmSeconds, rounds, underWay, seconds, pushesPerSecond, slowSeconds, payload);
  }

  Sizes withRate(int perSecond) {
    return new Sizes(
        browsers, warmSeconds, rounds, underWay, seconds, perSecond, slowSeconds, payload);
  }
}

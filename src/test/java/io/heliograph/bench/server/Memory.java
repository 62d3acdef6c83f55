package io.heliograph.bench.server;

import java.util.List;

/**
 * How large a Java server's heap is; the same for each of them, and fixed, so that runs compare.
 */
public enum Memory {
  /** For measuring what a session costs. */
  SMALL("256m"),
  /** For load. */
  LARGE("2g");

  private final String heap;

  Memory(String heap) {
    this.heap = heap;
  }

  public List<String> flags() {
    return List.of(
        "-Xms" + heap, "-Xmx" + heap, "-XX:+UseSerialGC", "-XX:+UseCompactObjectHeaders");
  }
}

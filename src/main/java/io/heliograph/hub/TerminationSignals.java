package io.heliograph.hub;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;

/**
 * How a node is told to go: the first SIGTERM or SIGINT drains it and ends it with exit code 0, a
 * second one hastens the drain. The JVM's own handler would pass over the second, and end with 143.
 */
public final class TerminationSignals {

  private static final Logger log = LoggerFactory.getLogger(TerminationSignals.class);

  private boolean told;
  private @Nullable Drain drain;

  private TerminationSignals() {}

  /** For the process as a whole: called once, before anything is started. */
  public static TerminationSignals listen() {
    var signals = new TerminationSignals();
    for (String name : List.of("TERM", "INT")) {
      try {
        Signal.handle(new Signal(name), _ -> signals.onSignal());
      } catch (IllegalArgumentException e) {
        log.info("SIG{} is left to the JVM: {}", name, e.getMessage());
      }
    }
    return signals;
  }

  /** What a second signal hastens. */
  public synchronized void hasten(Drain started) {
    drain = started;
  }

  /** Exiting waits for the shutdown hooks, so it has a thread of its own. */
  private void onSignal() {
    Drain hastened;
    synchronized (this) {
      if (told) {
        hastened = drain;
      } else {
        told = true;
        hastened = null;
        Thread.ofPlatform().name("heliograph-exit").start(() -> System.exit(0));
      }
    }
    if (hastened != null) {
      hastened.hasten();
    }
  }
}

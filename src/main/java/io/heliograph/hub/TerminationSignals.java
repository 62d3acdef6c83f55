package io.heliograph.hub;

import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;

/**
 * How a node is told to go: the first SIGTERM or SIGINT drains it and ends it with exit code 0, a
 * second one hastens the drain. The JVM's own handler would pass over the second, and end with 143.
 */
public final class TerminationSignals {

  private static final Logger log = LoggerFactory.getLogger(TerminationSignals.class);

  private TerminationSignals() {}

  /** For the process as a whole: called once, by whoever started it. */
  public static void goTo(Drain drain) {
    AtomicBoolean told = new AtomicBoolean();
    for (String name : List.of("TERM", "INT")) {
      try {
        Signal.handle(new Signal(name), _ -> onSignal(drain, told));
      } catch (IllegalArgumentException e) {
        log.info("SIG{} is left to the JVM: {}", name, e.getMessage());
      }
    }
  }

  /** Each signal has a thread of its own; the first one's waits for the shutdown hooks. */
  private static void onSignal(Drain drain, AtomicBoolean told) {
    if (told.compareAndSet(false, true)) {
      System.exit(0);
    } else {
      drain.hasten();
    }
  }
}

package io.heliograph.hub;

import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import sun.misc.Signal;

/**
 * Handler of SIGTERM and SIGINT: the first signal drains the node and ends the process with exit
 * code 0, a second one ends the drain early. The JVM's own handler ignores a second signal and
 * exits with 143.
 */
public final class TerminationSignals {

  private static final Logger log = LoggerFactory.getLogger(TerminationSignals.class);

  private boolean signalled;
  private @Nullable Drain drain;

  private TerminationSignals() {}

  /** Installs the handlers for the process; called once, before the application starts. */
  public static TerminationSignals listen() {
    var signals = new TerminationSignals();
    for (String name : List.of("TERM", "INT")) {
      try {
        Signal.handle(new Signal(name), _ -> signals.onSignal());
      } catch (IllegalArgumentException e) {
        log.info("Using the default handler of SIG{}: {}", name, e.getMessage());
      }
    }
    return signals;
  }

  /** Sets the drain that a second signal ends early. */
  public synchronized void hasten(Drain started) {
    drain = started;
  }

  /** Exiting waits for the shutdown hooks, so it runs on its own thread. */
  private void onSignal() {
    Drain hastened;
    synchronized (this) {
      if (signalled) {
        hastened = drain;
      } else {
        signalled = true;
        hastened = null;
        Thread.ofPlatform().name("heliograph-exit").start(() -> System.exit(0));
      }
    }
    if (hastened != null) {
      hastened.hasten();
    }
  }
}

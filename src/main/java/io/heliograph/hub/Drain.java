package io.heliograph.hub;

import io.heliograph.concurrent.Background;
import io.heliograph.session.CloseReason;
import io.heliograph.session.Session;
import io.heliograph.session.SessionRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.ApplicationEventPublisher;
import org.springframework.context.SmartLifecycle;

/**
 * The graceful shutdown of a node. It stops being ready, refuses new sessions and closes the
 * existing ones evenly over the configured duration, so that the other nodes are not overloaded by
 * reconnects. Clients resume on another node. In the default phase it runs before the web server
 * stops accepting requests.
 */
public final class Drain implements SmartLifecycle {

  private static final Logger log = LoggerFactory.getLogger(Drain.class);

  /** The longest wait for the closing handshakes of the last sessions. */
  private static final Duration MOST_FOR_CLOSING = Duration.ofSeconds(2);

  private static final Duration BETWEEN_LOOKS = Duration.ofMillis(20);

  private final SessionRegistry registry;
  private final Publisher publisher;
  private final Duration duration;
  private final ApplicationEventPublisher events;
  private volatile boolean running;
  private volatile boolean draining;
  private volatile long since;
  private volatile Runnable hurry = () -> {};

  Drain(
      SessionRegistry registry,
      Publisher publisher,
      DrainProperties properties,
      ApplicationEventPublisher events) {
    this.registry = registry;
    this.publisher = publisher;
    this.duration = properties.duration();
    this.events = events;
  }

  /** New sessions are refused with a hint to retry. */
  public boolean isDraining() {
    return draining;
  }

  /** The time since the drain began; zero while the node accepts sessions. */
  Duration time() {
    return draining ? Duration.ofNanos(System.nanoTime() - since) : Duration.ZERO;
  }

  @Override
  public void start() {
    if (draining) {
      // Restarted after a stop: nothing else reverts what the stop has set.
      draining = false;
      publisher.stopWaiting(false);
      AvailabilityChangeEvent.publish(events, this, ReadinessState.ACCEPTING_TRAFFIC);
    }
    running = true;
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  @Override
  public void stop() {
    stop(() -> {});
  }

  @Override
  public void stop(Runnable done) {
    running = false;
    since = System.nanoTime();
    draining = true;
    publisher.stopWaiting(true);
    AvailabilityChangeEvent.publish(events, this, ReadinessState.REFUSING_TRAFFIC);
    List<Session> sessions = new ArrayList<>(registry.sessions());
    if (sessions.isEmpty()) {
      done.run();
      return;
    }
    log.info("Draining {} sessions over {} s", sessions.size(), duration.toSeconds());
    Collections.shuffle(sessions);
    ScheduledExecutorService scheduler =
        Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().name("heliograph-drain").unstarted(task));
    long step = duration.toNanos() / sessions.size();
    for (int i = 0; i < sessions.size(); i++) {
      Session session = sessions.get(i);
      scheduler.schedule(
          Background.guarded("Draining a session", () -> sayBye(session)),
          step * i,
          TimeUnit.NANOSECONDS);
    }
    Runnable end =
        () -> {
          // Includes sessions whose handshake was in progress when the drain began.
          for (Session session : registry.sessions()) {
            Background.run("Draining a session", () -> sayBye(session));
          }
          awaitEnds(scheduler, System.nanoTime() + MOST_FOR_CLOSING.toNanos(), done);
        };
    ScheduledFuture<?> inTime = scheduler.schedule(end, duration.toNanos(), TimeUnit.NANOSECONDS);
    hurry =
        () -> {
          if (inTime.cancel(false)) {
            log.info("Asked again to end: closing the remaining {} sessions now", registry.size());
            scheduler.execute(end);
          }
        };
  }

  /**
   * Waits until clients have answered the close frame before their connections are cut, so that
   * they see the close code.
   */
  private void awaitEnds(ScheduledExecutorService scheduler, long deadlineNanos, Runnable done) {
    if (registry.size() > 0 && System.nanoTime() - deadlineNanos < 0) {
      scheduler.schedule(
          () -> awaitEnds(scheduler, deadlineNanos, done),
          BETWEEN_LOOKS.toNanos(),
          TimeUnit.NANOSECONDS);
    } else {
      scheduler.shutdownNow();
      done.run();
    }
  }

  /** Closes the remaining sessions at once; no effect unless the node is draining. */
  public void hasten() {
    hurry.run();
  }

  /**
   * The close is already spread over time, so a client that is closed late need not add a delay of
   * its own.
   */
  private void sayBye(Session session) {
    session.close(CloseReason.DRAIN);
  }
}

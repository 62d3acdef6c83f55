package io.heliograph.hub;

import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.context.SmartLifecycle;

/** The hub's one clockwork: heartbeats, time-outs and ends of rights, ten times a second on one thread. */
final class HubTicks implements SmartLifecycle {

  private static final Logger log = LoggerFactory.getLogger(HubTicks.class);
  private static final long TICK_MILLIS = 100;

  private final PushHub hub;
  private volatile boolean running;

  private final ScheduledExecutorService scheduler =
      Executors.newSingleThreadScheduledExecutor(
          task -> Thread.ofPlatform().name("heliograph-ticks").daemon().unstarted(task));

  HubTicks(PushHub hub) {
    this.hub = hub;
  }

  @Override
  public void start() {
    running = true;
    scheduler.scheduleWithFixedDelay(this::tick, TICK_MILLIS, TICK_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void tick() {
    try {
      hub.tick();
    } catch (RuntimeException e) {
      // A tick that threw would be the last one.
      log.error("A tick failed", e);
    }
  }

  @Override
  public void stop() {
    running = false;
    scheduler.shutdown();
  }

  @Override
  public boolean isRunning() {
    return running;
  }

  /** After the drain: slow sessions are still cut while it lasts. */
  @Override
  public int getPhase() {
    return SmartLifecycle.DEFAULT_PHASE - 1;
  }
}

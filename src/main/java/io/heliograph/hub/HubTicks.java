package io.heliograph.hub;

import io.heliograph.concurrent.Background;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/**
 * The hub's one clockwork: heartbeats, time-outs and ends of rights, ten times a second on one
 * thread.
 */
final class HubTicks implements SmartLifecycle {

  private static final long TICK_MILLIS = 100;

  private final Hub hub;

  /** A new one at each start: a context may be stopped and started again. Null while stopped. */
  private volatile @Nullable ScheduledExecutorService scheduler;

  HubTicks(Hub hub) {
    this.hub = hub;
  }

  @Override
  public void start() {
    ScheduledExecutorService fresh =
        Executors.newSingleThreadScheduledExecutor(
            task -> Thread.ofPlatform().name("heliograph-ticks").daemon().unstarted(task));
    fresh.scheduleWithFixedDelay(
        Background.guarded("A tick of the hub", hub::tick),
        TICK_MILLIS,
        TICK_MILLIS,
        TimeUnit.MILLISECONDS);
    scheduler = fresh;
  }

  @Override
  public void stop() {
    ScheduledExecutorService current = scheduler;
    scheduler = null;
    if (current != null) {
      current.shutdown();
    }
  }

  @Override
  public boolean isRunning() {
    return scheduler != null;
  }

  /** After the drain: slow sessions are still cut while it lasts. */
  @Override
  public int getPhase() {
    return SmartLifecycle.DEFAULT_PHASE - 1;
  }
}

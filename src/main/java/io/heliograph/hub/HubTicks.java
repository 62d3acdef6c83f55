package io.heliograph.hub;

import io.heliograph.concurrent.Background;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.context.SmartLifecycle;

/**
 * The scheduler of the hub: heartbeats, time-outs and expiries, ten times a second on one thread.
 */
final class HubTicks implements SmartLifecycle {

  private static final long TICK_MILLIS = 100;

  private final Hub hub;

  /** Created at each start, because a context can be restarted. Null while stopped. */
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

  /** After the drain, so that slow consumers are still closed during it. */
  @Override
  public int getPhase() {
    return SmartLifecycle.DEFAULT_PHASE - 1;
  }
}

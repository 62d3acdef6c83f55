package io.heliograph.hub;

import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Spreads the writing of one message to many sessions over the cores. A session is always in the
 * same lane, so its messages keep their order, and a channel with 100,000 sessions does not stall
 * the next one.
 *
 * <p>A lane's queue is bounded: past it the publisher walks the lane itself, which slows down
 * whoever floods.
 */
final class Lanes implements AutoCloseable {

  private static final int MAX_WAITING = 4096;

  private final ThreadPoolExecutor[] lanes;

  Lanes(int count) {
    lanes = new ThreadPoolExecutor[count];
    for (int i = 0; i < count; i++) {
      String name = "heliograph-lane-" + i;
      lanes[i] =
          new ThreadPoolExecutor(
              1,
              1,
              0,
              TimeUnit.SECONDS,
              new LinkedBlockingQueue<>(MAX_WAITING),
              task -> Thread.ofPlatform().name(name).daemon().unstarted(task),
              new ThreadPoolExecutor.CallerRunsPolicy());
    }
  }

  int count() {
    return lanes.length;
  }

  int laneOf(Object session) {
    return (System.identityHashCode(session) & 0x7fff_ffff) % lanes.length;
  }

  void run(int lane, Runnable task) {
    lanes[lane].execute(task);
  }

  @Override
  public void close() {
    for (ThreadPoolExecutor lane : lanes) {
      lane.shutdown();
    }
  }
}

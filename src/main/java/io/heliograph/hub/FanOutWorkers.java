package io.heliograph.hub;

import io.heliograph.concurrent.Background;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Spreads the writing of messages to many sessions over the cores. A session is always in the same
 * lane, so its messages keep their order, and a channel with 100,000 sessions does not stall the
 * next one. What has queued up in a lane is walked together, so that a session is visited and
 * written to once for several messages.
 *
 * <p>A lane's queue is bounded: past it the publisher walks the lane itself, which slows down
 * whoever floods.
 *
 * @param <T> what is to be written to many
 */
final class FanOutWorkers<T> implements AutoCloseable {

  /** Walks a lane's sessions. */
  @FunctionalInterface
  interface Walk<T> {
    void walk(int lane, List<T> together);
  }

  private static final int MAX_WAITING = 4096;

  /**
   * Enough to fill one flush of a session, little enough that a lane's first sessions see more
   * soon.
   */
  private static final int MAX_TOGETHER = 64;

  private final List<Lane> lanes = new ArrayList<>();
  private final Walk<T> walk;
  private volatile boolean closed;

  FanOutWorkers(int count, Walk<T> walk) {
    this.walk = walk;
    for (int i = 0; i < count; i++) {
      Lane lane = new Lane(i);
      lanes.add(lane);
      lane.thread.start();
    }
  }

  boolean holds(int lane, Object session) {
    return lanes.size() == 1
        || (System.identityHashCode(session) & 0x7fff_ffff) % lanes.size() == lane;
  }

  /** To every lane. */
  void give(T work) {
    for (Lane lane : lanes) {
      if (!lane.waiting.offer(work)) {
        walk(lane.number, List.of(work));
      }
    }
  }

  /** Who was left out sees a gap with the next message and reads the log. */
  private void walk(int lane, List<T> together) {
    Background.run("Delivering to a worker's sessions", () -> walk.walk(lane, together));
  }

  @Override
  public void close() {
    closed = true;
    lanes.forEach(lane -> lane.thread.interrupt());
  }

  private final class Lane implements Runnable {
    private final int number;
    private final BlockingQueue<T> waiting = new LinkedBlockingQueue<>(MAX_WAITING);
    private final Thread thread;

    Lane(int number) {
      this.number = number;
      this.thread = Thread.ofPlatform().name("heliograph-lane-" + number).daemon().unstarted(this);
    }

    @Override
    public void run() {
      List<T> together = new ArrayList<>(MAX_TOGETHER);
      while (!closed) {
        try {
          together.add(waiting.take());
        } catch (InterruptedException e) {
          // The end, unless something that was walked left the thread interrupted.
          continue;
        }
        waiting.drainTo(together, MAX_TOGETHER - 1);
        walk(number, together);
        together.clear();
      }
    }
  }
}

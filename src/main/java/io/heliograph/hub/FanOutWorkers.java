package io.heliograph.hub;

import io.heliograph.concurrent.Background;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Distributes fan-out over the cores. A session always belongs to the same lane, so its messages
 * keep their order, and a channel with 100,000 sessions does not block the next one. Messages
 * queued in a lane are processed together, so that each session is visited and written to once for
 * several messages.
 *
 * <p>A lane's queue is bounded. When it is full, the publishing thread processes the lane itself,
 * which slows down the publisher that causes the overload. 0@<T> the work, delivered to many
 * sessions
 *
 * @param <T> what is to be written to many
 */
final class FanOutWorkers<T> implements AutoCloseable {

  /** Processes the sessions of a lane. */
  @FunctionalInterface
  interface Walk<T> {
    void walk(int lane, List<T> batch);
  }

  private static final int MAX_WAITING = 4096;

  /**
   * Enough to fill one flush of a session, and few enough that the first sessions of a lane soon
   * get the next batch.
   */
  private static final int MAX_BATCH = 64;

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

  /** Adds the work to every lane. */
  void submit(T work) {
    for (Lane lane : lanes) {
      if (!lane.waiting.offer(work)) {
        walk(lane.number, List.of(work));
      }
    }
  }

  /** A session that was skipped detects the gap with the next message and reads the log. */
  private void walk(int lane, List<T> batch) {
    Background.run("Delivering to a worker's sessions", () -> walk.walk(lane, batch));
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
      List<T> batch = new ArrayList<>(MAX_BATCH);
      while (!closed) {
        try {
          batch.add(waiting.take());
        } catch (InterruptedException e) {
          // Shutdown, unless the processed work left the thread interrupted.
          continue;
        }
        waiting.drainTo(batch, MAX_BATCH - 1);
        walk(number, batch);
        batch.clear();
      }
    }
  }
}

package io.heliograph.hub;

import io.heliograph.concurrent.Background;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;

/**
 * Distributes fan-out over the cores. A session is always served by the same worker, so its
 * messages keep their order, and a channel with 100,000 sessions does not block the next one. A
 * worker takes all messages that wait for it together, so that each session is visited and written
 * to once for several of them.
 *
 * <p>A worker's queue is bounded. When it is full, the publishing thread does the work itself,
 * which slows down the publisher that causes the overload.
 *
 * @param <T> the work, delivered to many sessions
 */
final class FanOutWorkers<T> implements AutoCloseable {

  /** Serves the sessions of a worker. */
  @FunctionalInterface
  interface Walk<T> {
    void walk(int worker, List<T> batch);
  }

  private static final int MAX_WAITING = 4096;

  /**
   * Enough to fill one flush of a session, and few enough that the first sessions of a worker soon
   * get the next batch.
   */
  private static final int MAX_BATCH = 64;

  private final List<Worker> workers = new ArrayList<>();
  private final Walk<T> walk;
  private volatile boolean closed;

  FanOutWorkers(int count, Walk<T> walk) {
    this.walk = walk;
    for (int i = 0; i < count; i++) {
      Worker worker = new Worker(i);
      workers.add(worker);
      worker.thread.start();
    }
  }

  boolean serves(int worker, Object session) {
    return workers.size() == 1
        || (System.identityHashCode(session) & 0x7fff_ffff) % workers.size() == worker;
  }

  /** Hands the work to every worker. */
  void submit(T work) {
    for (Worker worker : workers) {
      if (!worker.waiting.offer(work)) {
        walk(worker.number, List.of(work));
      }
    }
  }

  /** A session that was skipped detects the gap with the next message and reads the log. */
  private void walk(int worker, List<T> batch) {
    Background.run("Delivering to a worker's sessions", () -> walk.walk(worker, batch));
  }

  @Override
  public void close() {
    closed = true;
    workers.forEach(worker -> worker.thread.interrupt());
  }

  private final class Worker implements Runnable {
    private final int number;
    private final BlockingQueue<T> waiting = new LinkedBlockingQueue<>(MAX_WAITING);
    private final Thread thread;

    Worker(int number) {
      this.number = number;
      this.thread =
          Thread.ofPlatform().name("heliograph-fan-out-" + number).daemon().unstarted(this);
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

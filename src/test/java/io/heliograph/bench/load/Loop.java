package io.heliograph.bench.load;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.time.Duration;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.function.BooleanSupplier;

/**
 * The one thread of the load: whoever calls {@link #run} is it. Every line belongs to this thread,
 * so nothing is locked, and the load takes one core and no more.
 */
public final class Loop implements AutoCloseable {

  /** Closer than this a deadline is waited for without sleeping: the selector's unit is 1 ms. */
  private static final long SPIN_NANOS = 1_500_000;

  private final Selector selector;

  /** Every line reads into this one. */
  private final ByteBuffer in = ByteBuffer.allocateDirect(256 * 1024);

  /** Something that happens at times of its own. */
  @FunctionalInterface
  public interface Pace {
    /**
     * Does what is due.
     *
     * @return when it is to be called next, as {@code System.nanoTime()}; {@link Long#MAX_VALUE}:
     *     when something has happened
     */
    long tick(long nowNanos) throws IOException;
  }

  public Loop() throws IOException {
    selector = Selector.open();
  }

  Selector selector() {
    return selector;
  }

  ByteBuffer in() {
    in.clear();
    return in;
  }

  /** Serves the lines for a while. */
  public void run(Duration time, Pace... paces) throws IOException {
    long end = System.nanoTime() + time.toNanos();
    turn(() -> false, end, false, paces);
  }

  /**
   * Serves the lines until something is so, without ever sleeping: over loopback it is the server's
   * core that pays for waking a sleeper, which it would not for a browser elsewhere.
   *
   * @throws IOException when it is not after the limit: a load ends by itself
   */
  public void await(String what, BooleanSupplier done, Duration limit, Pace... paces)
      throws IOException {
    if (!turn(done, System.nanoTime() + limit.toNanos(), true, paces)) {
      throw new IOException("not within " + limit.toSeconds() + " s: " + what);
    }
  }

  /** As {@link #await}, but it may sleep, and false when the limit came first. */
  public boolean wait(BooleanSupplier done, Duration limit, Pace... paces) throws IOException {
    return turn(done, System.nanoTime() + limit.toNanos(), false, paces);
  }

  private boolean turn(BooleanSupplier done, long end, boolean awake, Pace... paces)
      throws IOException {
    while (true) {
      long now = System.nanoTime();
      if (done.getAsBoolean()) {
        return true;
      }
      if (now - end >= 0) {
        return false;
      }
      long next = end;
      for (Pace pace : paces) {
        long asked = pace.tick(now);
        if (asked != Long.MAX_VALUE && asked - next < 0) {
          next = asked;
        }
      }
      long wait = next - System.nanoTime();
      if (awake || wait < SPIN_NANOS) {
        selector.selectNow(Loop::serve);
      } else {
        selector.select(Loop::serve, Math.min(50, wait / 1_000_000));
      }
    }
  }

  private static void serve(SelectionKey key) {
    ((Line) key.attachment()).onSelected();
  }

  /**
   * Serves the lines while something that blocks is done elsewhere: pings go on being answered, or
   * a server would rightly close its silent sessions.
   */
  public <T> T during(Callable<T> work, Pace... paces) throws IOException {
    FutureTask<T> task = new FutureTask<>(work);
    Thread.ofPlatform().daemon().start(task);
    while (!task.isDone()) {
      run(Duration.ofMillis(20), paces);
    }
    try {
      return task.get();
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    for (SelectionKey key : selector.keys()) {
      key.channel().close();
    }
    selector.close();
  }
}

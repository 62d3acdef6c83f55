package io.heliograph.support;

import io.heliograph.support.TestBackend.Answer;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * A backend that pushes while something goes wrong: to clients of a clients by turns of a seeded
 * chance, now and then to everyone. A push without a good answer is sent again, with its key, to
 * the next node.
 */
public final class PublishingBackend implements AutoCloseable {

  private static final int TRIES = 3;

  private final ClientGroup clients;
  private final TestBackend backend;
  private final Supplier<List<Integer>> ports;
  private final String name;
  private final Random random;
  private final ScheduledExecutorService executor;
  private final AtomicInteger pushed = new AtomicInteger();
  private final AtomicInteger failed = new AtomicInteger();

  /**
   * @param name begins each message's mark: no two publishers of a clients have the same
   * @param ports of the nodes that it pushes to
   */
  public PublishingBackend(
      ClientGroup clients,
      TestBackend backend,
      Supplier<List<Integer>> ports,
      String name,
      long seed) {
    this.clients = clients;
    this.backend = backend;
    this.ports = ports;
    this.name = name;
    this.random = new Random(seed);
    this.executor =
        Executors.newScheduledThreadPool(
            2, task -> Thread.ofPlatform().name(name).daemon().unstarted(task));
  }

  /** Pushes again and again until it is closed. */
  public PublishingBackend every(Duration pause) {
    for (int i = 0; i < 2; i++) {
      executor.scheduleWithFixedDelay(this::pushOnce, 0, pause.toNanos(), TimeUnit.NANOSECONDS);
    }
    return this;
  }

  /** So many, now. */
  public void push(int count) {
    for (int i = 0; i < count; i++) {
      pushOnce();
    }
  }

  /** Messages that were tried so far. */
  public int pushed() {
    return pushed.get();
  }

  /** Of those, the ones that no node accepted in all tries. */
  public int failed() {
    return failed.get();
  }

  private void pushOnce() {
    int number = pushed.getAndIncrement();
    String mark = name + "-" + number;
    String channel;
    int node;
    synchronized (random) {
      channel =
          random.nextInt(20) == 0
              ? "everyone"
              : "user:" + clients.users().get(random.nextInt(clients.users().size()));
      node = random.nextInt(1_000);
    }
    for (int i = 0; i < TRIES; i++) {
      List<Integer> alive = ports.get();
      if (push(alive.get((node + i) % alive.size()), channel, mark) / 100 == 2) {
        return;
      }
    }
    failed.incrementAndGet();
  }

  private int push(int port, String channel, String mark) {
    try {
      Answer answer = backend.at(port).push(channel, mark, "", "Idempotency-Key", mark);
      clients
          .chronicle()
          .answered(mark, channel, answer.status(), answer.text("id"), answer.text("position"));
      return answer.status();
    } catch (UncheckedIOException | IllegalStateException e) {
      clients.chronicle().answered(mark, channel, Chronicle.NO_ANSWER, "", "");
      return Chronicle.NO_ANSWER;
    }
  }

  /** Ends after the push that is under way. */
  @Override
  public void close() {
    executor.shutdown();
    try {
      if (!executor.awaitTermination(40, TimeUnit.SECONDS)) {
        throw new AssertionError("a push does not end");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

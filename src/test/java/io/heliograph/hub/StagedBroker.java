package io.heliograph.hub;

import io.heliograph.broker.Broker;
import io.heliograph.broker.BrokerListener;
import io.heliograph.broker.LogProperties;
import io.heliograph.broker.ReceiptWish;
import io.heliograph.broker.memory.MemoryBrokers;
import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.Message;
import io.heliograph.message.Published;
import io.heliograph.support.DelegatingBroker;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/**
 * The in-memory broker with a hand on its lines: what it announces and what it answers can be kept
 * back, and it can be away.
 */
final class StagedBroker extends DelegatingBroker {

  private final Broker broker;

  /** Not null: announcements wait here. */
  private @Nullable Deque<Message> announcements;

  /** Not null: answers wait here. They were read when they were asked for. */
  private @Nullable Deque<Runnable> answers;

  private boolean away;

  StagedBroker(Clock clock) {
    this.broker =
        MemoryBrokers.with(
            new LogProperties(
                100, DataSize.ofMegabytes(1), Duration.ofHours(1), DataSize.ofMegabytes(8)),
            clock);
    broker.start(
        new BrokerListener() {
          @Override
          public void onMessage(Message message) {
            if (announcements == null) {
              announce(message);
            } else {
              announcements.add(message);
            }
          }

          @Override
          public void onInterruption() {}
        });
  }

  void holdAnnouncements() {
    announcements = new ArrayDeque<>();
  }

  void holdAnswers() {
    answers = new ArrayDeque<>();
  }

  /** What was held is passed on, and nothing is held any more. */
  void releaseAnnouncements() {
    Deque<Message> held = announcements;
    announcements = null;
    if (held != null) {
      held.forEach(this::announce);
    }
  }

  void releaseAnswers() {
    Deque<Runnable> held = answers;
    answers = null;
    if (held != null) {
      held.forEach(Runnable::run);
    }
  }

  /** Passes on the oldest that is held, twice when asked to; false: none is. */
  boolean announceOne(boolean twice) {
    Message one = announcements == null ? null : announcements.poll();
    if (one == null) {
      return false;
    }
    announce(one);
    if (twice) {
      announce(one);
    }
    return true;
  }

  void loseAnnouncements() {
    if (announcements != null) {
      announcements.clear();
    }
  }

  boolean answerOne() {
    Runnable one = answers == null ? null : answers.poll();
    if (one != null) {
      one.run();
    }
    return one != null;
  }

  void away(boolean isAway) {
    away = isAway;
  }

  @Override
  protected Broker broker() {
    return broker;
  }

  @Override
  protected <T> CompletableFuture<T> answer(Supplier<CompletableFuture<T>> ask) {
    if (away) {
      return CompletableFuture.failedFuture(new IllegalStateException("the broker is away"));
    }
    CompletableFuture<T> answer = ask.get();
    if (answers == null) {
      return answer;
    }
    CompletableFuture<T> later = new CompletableFuture<>();
    answers.add(() -> later.complete(answer.join()));
    return later;
  }

  @Override
  public CompletableFuture<Published> publish(
      Channel channel, Draft draft, @Nullable ReceiptWish wish) {
    return away
        ? CompletableFuture.failedFuture(new IllegalStateException("the broker is away"))
        : super.publish(channel, draft, wish);
  }
}

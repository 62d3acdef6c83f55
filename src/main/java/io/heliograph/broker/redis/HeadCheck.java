package io.heliograph.broker.redis;

import io.heliograph.concurrent.Background;
import io.heliograph.message.Channel;
import io.heliograph.message.Position;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds lost announcements: in each round the head of every subscribed channel's log is compared
 * once with what was announced. The checks are spread evenly over the round, with a bound per step.
 * One thread calls {@link #step}.
 */
final class HeadCheck {

  private static final Logger log = LoggerFactory.getLogger(HeadCheck.class);

  private static final int MOST_A_STEP = 200;
  static final Duration STEP = Duration.ofMillis(100);

  /**
   * The two connections are not synchronised: an announcement that is on its way gets this long to
   * arrive.
   */
  private static final Duration ON_ITS_WAY = Duration.ofMillis(200);

  /** Runs a task later. */
  interface Later {
    void after(Duration delay, String what, Runnable task);
  }

  private final SubscribedChannels subscribed;
  private final Duration round;
  private final Later later;
  private final Function<Channel, CompletableFuture<Position>> head;
  private final BiConsumer<Channel, Position> missed;
  private double due;

  /**
   * @param head reads the head of a log
   * @param missed gets a head that was not announced
   */
  HeadCheck(
      SubscribedChannels subscribed,
      Duration round,
      Later later,
      Function<Channel, CompletableFuture<Position>> head,
      BiConsumer<Channel, Position> missed) {
    this.subscribed = subscribed;
    this.round = round;
    this.later = later;
    this.head = head;
    this.missed = missed;
  }

  void step() {
    due =
        Math.min(MOST_A_STEP, due + (double) subscribed.size() * STEP.toNanos() / round.toNanos());
    int count = (int) due;
    due -= count;
    for (Channel channel : subscribed.next(count)) {
      check(channel);
    }
  }

  private void check(Channel channel) {
    Position before = subscribed.announced(channel);
    Background.onCompletion(
        "Checking a head",
        head.apply(channel),
        (now, failure) -> {
          if (now == null) {
            // The next round checks again.
            log.debug("A head could not be read", failure);
          } else if (before == null || (before.isWithoutLog() && now.isWithoutLog())) {
            subscribed.onRead(channel, now);
          } else if (isBefore(now, before)) {
            missed.accept(channel, now);
          } else if (isMissed(channel, now)) {
            later.after(ON_ITS_WAY, "Checking a head again", () -> checkAgain(channel, now));
          }
        });
  }

  private void checkAgain(Channel channel, Position head) {
    if (isMissed(channel, head)) {
      missed.accept(channel, head);
    }
  }

  private boolean isMissed(Channel channel, Position head) {
    @Nullable Position announced = subscribed.announced(channel);
    return announced != null
        && (!announced.epoch().equals(head.epoch()) || announced.offset() < head.offset());
  }

  private static boolean isBefore(Position head, Position announced) {
    return head.epoch().equals(announced.epoch()) && head.offset() < announced.offset();
  }
}

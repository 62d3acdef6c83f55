package io.heliograph.broker.redis;

import io.heliograph.concurrent.Background;
import io.heliograph.message.Channel;
import io.heliograph.message.Position;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Finds lost announcements: in each round the head of every subscribed channel's log is compared
 * once with what was announced. The checks are spread evenly over the round, with a bound per step.
 */
final class HeadCheck {

  private static final Logger log = LoggerFactory.getLogger(HeadCheck.class);

  private static final int MOST_A_STEP = 200;
  private static final Duration STEP = Duration.ofMillis(100);

  /**
   * The two connections are not synchronised: an announcement that is on its way gets this long to
   * arrive.
   */
  private static final Duration ON_ITS_WAY = Duration.ofMillis(200);

  private final SubscribedChannels followed;
  private final Duration round;
  private final ScheduledExecutorService scheduler;
  private final Function<Channel, CompletableFuture<Position>> head;
  private final BiConsumer<Channel, Position> unheard;
  private double due;

  HeadCheck(
      SubscribedChannels followed,
      Duration round,
      ScheduledExecutorService scheduler,
      Function<Channel, CompletableFuture<Position>> head,
      BiConsumer<Channel, Position> unheard) {
    this.followed = followed;
    this.round = round;
    this.scheduler = scheduler;
    this.head = head;
    this.unheard = unheard;
  }

  void start() {
    scheduler.scheduleWithFixedDelay(
        Background.guarded("Checking heads", this::step),
        STEP.toMillis(),
        STEP.toMillis(),
        TimeUnit.MILLISECONDS);
  }

  private void step() {
    due = Math.min(MOST_A_STEP, due + (double) followed.size() * STEP.toNanos() / round.toNanos());
    int count = (int) due;
    due -= count;
    for (Channel channel : followed.next(count)) {
      check(channel);
    }
  }

  private void check(Channel channel) {
    Position before = followed.heard(channel);
    Background.onCompletion(
        "Checking a head",
        head.apply(channel),
        (now, failure) -> {
          if (now == null) {
            // The next round checks again.
            log.debug("A head could not be read", failure);
          } else if (before == null || (before.isWithoutLog() && now.isWithoutLog())) {
            followed.onRead(channel, now);
          } else if (isBefore(now, before)) {
            unheard.accept(channel, now);
          } else if (isUnheard(channel, now)) {
            scheduler.schedule(
                Background.guarded("Checking a head again", () -> checkAgain(channel, now)),
                ON_ITS_WAY.toMillis(),
                TimeUnit.MILLISECONDS);
          }
        });
  }

  private void checkAgain(Channel channel, Position head) {
    if (isUnheard(channel, head)) {
      unheard.accept(channel, head);
    }
  }

  private boolean isUnheard(Channel channel, Position head) {
    @Nullable Position heard = followed.heard(channel);
    return heard != null && (!heard.epoch().equals(head.epoch()) || heard.offset() < head.offset());
  }

  private static boolean isBefore(Position head, Position heard) {
    return head.epoch().equals(heard.epoch()) && head.offset() < heard.offset();
  }
}

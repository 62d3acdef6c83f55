package io.heliograph.session;

import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.History;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a session is told, and in which order: answers, announced messages, pages of the log, and
 * states, of which none after a newer one.
 *
 * <p>When too much waits for the client, the messages among it are dropped and their subscriptions
 * fall behind: they read the log when there is room again.
 *
 * <p>A part of its session like {@link Line}, and guarded by the same lock.
 */
abstract sealed class Feed extends Line permits Session {

  private StateVersionsSent told = StateVersionsSent.NONE;

  Feed(Transport transport, SessionContext environment) {
    super(transport, environment);
  }

  /** Null when it does not follow the channel. */
  public abstract @Nullable Subscription subscription(Channel followed);

  /** Sends an answer or notice. It never waits longer than what is queued before it. */
  public final void send(ServerEvent frame) {
    answer(frame);
  }

  /**
   * Sends an answer, unless it holds a state.
   *
   * @return false when that state is older than what was told since it was read; then nothing was
   *     sent, and it has to be read again
   */
  public final boolean answer(ServerEvent frame) {
    return answer(frame, null, null);
  }

  /**
   * As {@link #answer(ServerEvent)}, for an answer that says where a subscription stands: no
   * message comes between.
   *
   * @param subscription whose start is known
   */
  public final boolean answer(Subscription subscription, Function<Position, ServerEvent> answer) {
    while (true) {
      Position at = subscription.cursor();
      if (at == null) {
        throw new IllegalStateException("a subscription without a position");
      }
      if (answer(answer.apply(at), subscription, at)) {
        return true;
      }
      if (at.equals(subscription.cursor())) {
        return false;
      }
    }
  }

  private boolean answer(
      ServerEvent frame, @Nullable Subscription subscription, @Nullable Position at) {
    SendQueue.Entry entry = SendQueue.Entry.answer(transport().protocol().encode(frame));
    PendingWrite flight = null;
    boolean dropped;
    boolean room;
    synchronized (this) {
      if (!isOpen()) {
        return true;
      }
      if (subscription != null && at != null && !at.equals(subscription.cursor())) {
        return false;
      }
      if (holdsOlderState(frame)) {
        return false;
      }
      dropped = !fits(entry) && dropMessages();
      room = fits(entry);
      if (room) {
        flight = enqueue(entry);
        remember(frame);
      }
    }
    if (dropped) {
      environment().listener().onOverflow(session());
    }
    if (!room) {
      // It asks and asks, and never reads an answer.
      close(CloseReason.SLOW, Duration.ZERO);
    }
    take(flight);
    return true;
  }

  /**
   * Announced messages of the subscription's channel, in order: those that come next leave in one
   * write, else the subscription says what is missing.
   */
  public final void deliver(Subscription subscription, List<EncodedMessage> together) {
    PendingWrite flight = null;
    boolean overflow = false;
    boolean room;
    synchronized (this) {
      if (!isOpen()) {
        return;
      }
      boolean behind = false;
      for (EncodedMessage announced : together) {
        switch (subscription.offer(announced.message())) {
          case IGNORE -> {}
          case BEHIND -> behind = true;
          case NEXT -> {
            Message message = announced.message();
            StateVersion mark = environment().mark(message);
            if (!told.isNews(message.channel(), mark)) {
              continue;
            }
            SendQueue.Entry entry =
                new SendQueue.Entry(
                    announced.frame().bytes(transport().protocol()),
                    message,
                    mark == null ? subscription : null,
                    true);
            if (!fits(entry)) {
              dropMessages();
              subscription.dropped(message.position());
              overflow = true;
            } else {
              told = told.and(message.channel(), mark);
              if (together.size() == 1) {
                flight = enqueue(entry);
              } else {
                hold(entry);
              }
            }
          }
        }
      }
      if (together.size() > 1) {
        flight = flush();
      }
      room = (behind || overflow) && isFree();
    }
    if (overflow) {
      environment().listener().onOverflow(session());
    }
    if (room) {
      tellRoom();
    }
    take(flight);
  }

  /**
   * Tells a state that was read where it is true, past the log: the client is at the same position
   * as before.
   *
   * @return false when it was told that or a newer one, or cannot be told now
   */
  public final boolean tell(Subscription subscription, Draft current) {
    PendingWrite flight;
    synchronized (this) {
      Channel channel = subscription.channel();
      Position at = subscription.cursor();
      StateVersion mark = environment().states().read(channel, current.data());
      // Without a position it waits for the answer to its subscribe, which brings a snapshot.
      if (!isOpen()
          || at == null
          || mark == null
          || !follows(subscription)
          || !told.isNews(channel, mark)) {
        return false;
      }
      Message message = current.at(channel, at);
      SendQueue.Entry entry =
          new SendQueue.Entry(
              transport().protocol().encode(new ServerEvent.Delivery(message)),
              message,
              null,
              false);
      if (!fits(entry)) {
        return false;
      }
      told = told.and(channel, mark);
      flight = enqueue(entry);
    }
    take(flight);
    return true;
  }

  /**
   * A page of the log has come. What finds room goes on the line; the rest is read again when there
   * is room.
   *
   * @param first what is sent before the messages; null: nothing
   * @return false when {@code first} holds a state that is older than what was told since it was
   *     read; then nothing was done, and it has to be read again
   */
  public final boolean onPage(
      Subscription subscription, int read, History page, @Nullable ServerEvent first) {
    Codec protocol = transport().protocol();
    PendingWrite flight = null;
    boolean again;
    boolean dropped = false;
    boolean slow = false;
    boolean stale;
    synchronized (this) {
      stale = !subscription.awaits(read) || !follows(subscription);
    }
    if (stale) {
      // The client asked again meanwhile, and the later answer brings the messages, or it follows
      // no more; this one is owed nevertheless.
      return first == null || answer(first);
    }
    synchronized (this) {
      if (!isOpen() || !subscription.awaits(read)) {
        return true;
      }
      if (first != null && holdsOlderState(first)) {
        return false;
      }
      if (first != null) {
        SendQueue.Entry entry = SendQueue.Entry.answer(protocol.encode(first));
        dropped = !fits(entry) && dropMessages();
        slow = !fits(entry);
        flight = slow ? null : enqueue(entry);
        remember(first);
      }
      Position through = page.begin();
      boolean all = !slow;
      for (Message message : page.messages()) {
        StateVersion mark = environment().mark(message);
        if (told.isNews(message.channel(), mark)) {
          SendQueue.Entry entry =
              new SendQueue.Entry(
                  protocol.encode(new ServerEvent.Delivery(message)),
                  message,
                  mark == null ? subscription : null,
                  false);
          if (!all || !fits(entry)) {
            all = false;
            break;
          }
          PendingWrite started = enqueue(entry);
          flight = flight == null ? started : flight;
          told = told.and(message.channel(), mark);
        }
        through = message.position();
      }
      subscription.caughtUpTo(all ? page.through() : through, page);
      again = subscription.isBehind() && isFree();
    }
    take(flight);
    if (dropped) {
      environment().listener().onOverflow(session());
    }
    if (slow) {
      close(CloseReason.SLOW, Duration.ZERO);
    }
    if (again) {
      tellRoom();
    }
    return true;
  }

  // Under the lock --------------------------------------------------------------------------------

  private boolean holdsOlderState(ServerEvent frame) {
    return frame instanceof ServerEvent.Subscribed answer
        && told.isOlder(answer.channel(), environment().mark(answer));
  }

  private void remember(ServerEvent frame) {
    if (frame instanceof ServerEvent.Subscribed answer) {
      told = told.and(answer.channel(), environment().mark(answer));
    }
  }

  /** Whether it is this subscription, and not one before or after it on the same channel. */
  private boolean follows(Subscription subscription) {
    return subscription(subscription.channel()) == subscription;
  }
}

package io.heliograph.session;

import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.History;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a session is told, and in which order: answers, announced messages, pages of the log, and
 * states, of which none after a newer one.
 *
 * <p>A message that the codec refuses is a gap for its subscribers. All that can fail comes before
 * a cursor moves, so a subscription is never left between two states.
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

  /** Messages that a gap notice was queued for, newest first. */
  private record Unsendable(Message message, Throwable refusal, @Nullable Unsendable next) {}

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
    SendQueue.Entry entry;
    StateVersion mark;
    try {
      entry = SendQueue.Entry.answer(transport().encode(frame));
      mark = mark(frame);
    } catch (Throwable e) {
      fail("Encoding an answer", e);
      return true;
    }
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
      if (holdsOlderState(frame, mark)) {
        return false;
      }
      dropped = !fits(entry) && dropMessages();
      room = fits(entry);
      if (room) {
        flight = enqueue(entry);
        remember(frame, mark);
      }
    }
    take(flight);
    if (dropped) {
      report(listener -> listener.onOverflow(session()));
    }
    if (!room) {
      // It asks and asks, and never reads an answer.
      close(CloseReason.SLOW, Duration.ZERO);
    }
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
    Unsendable unsendable = null;
    Throwable fault = null;
    synchronized (this) {
      if (!isOpen() || subscription.isParked()) {
        return;
      }
      boolean behind = false;
      try {
        for (EncodedMessage announced : together) {
          Message message = announced.message();
          StateVersion mark = environment().mark(message);
          EncodedFrame.Encoded encoded = announced.frame().encoded(transport().encoding());
          SendQueue.Entry entry = entry(encoded, subscription, message, mark, SendQueue.Kind.LIVE);
          switch (subscription.offer(message)) {
            case IGNORE -> {}
            case BEHIND -> behind = true;
            case NEXT -> {
              if (!told.isNews(message.channel(), mark)) {
                continue;
              }
              if (!fits(entry)) {
                dropMessages();
                subscription.dropped(message.position());
                overflow = true;
                continue;
              }
              if (encoded.refusal() == null) {
                told = told.and(message.channel(), mark);
              } else {
                unsendable = new Unsendable(message, encoded.refusal(), unsendable);
              }
              if (together.size() == 1) {
                flight = enqueue(entry);
              } else {
                hold(entry);
              }
            }
          }
        }
      } catch (Throwable e) {
        fault = e;
      }
      if (together.size() > 1) {
        flight = flush();
      }
      room = (behind || overflow) && isFree();
    }
    take(flight);
    if (overflow) {
      report(listener -> listener.onOverflow(session()));
    }
    report(unsendable);
    if (fault != null) {
      fail("Delivering a message", fault);
    }
    if (room) {
      tellRoom();
    }
  }

  /**
   * Tells a state that was read where it is true, past the log: the client is at the same position
   * as before.
   *
   * @return false when it was told that or a newer one, or cannot be told now
   */
  public final boolean tell(Subscription subscription, Draft current) {
    PendingWrite flight;
    Channel channel = subscription.channel();
    try {
      synchronized (this) {
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
            entry(
                new EncodedMessage(message).frame().encoded(transport().encoding()),
                subscription,
                message,
                mark,
                SendQueue.Kind.RECOVERED);
        if (!fits(entry)) {
          return false;
        }
        told = told.and(channel, mark);
        flight = enqueue(entry);
      }
    } catch (Throwable e) {
      fail("Telling a state", e);
      return false;
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
    Encoding encoding = transport().encoding();
    PendingWrite flight = null;
    boolean again;
    boolean dropped = false;
    boolean slow = false;
    boolean stale;
    Unsendable unsendable = null;
    Throwable fault = null;
    synchronized (this) {
      stale = !subscription.awaits(read) || !follows(subscription);
    }
    if (stale) {
      // The client asked again meanwhile, and the later answer brings the messages, or it follows
      // no more; this one is owed nevertheless.
      return first == null || answer(first);
    }
    SendQueue.Entry answer = null;
    StateVersion answered = null;
    if (first != null) {
      try {
        answer = SendQueue.Entry.answer(transport().encode(first));
        answered = mark(first);
      } catch (Throwable e) {
        fail("Encoding an answer", e);
        return true;
      }
    }
    synchronized (this) {
      if (!isOpen() || !subscription.awaits(read)) {
        return true;
      }
      if (first != null && holdsOlderState(first, answered)) {
        return false;
      }
      if (first != null && answer != null) {
        dropped = !fits(answer) && dropMessages();
        slow = !fits(answer);
        flight = slow ? null : enqueue(answer);
        remember(first, answered);
      }
      Position through = page.begin();
      boolean all = !slow;
      try {
        for (Message message : page.messages()) {
          StateVersion mark = environment().mark(message);
          if (told.isNews(message.channel(), mark)) {
            EncodedFrame.Encoded encoded = new EncodedMessage(message).frame().encoded(encoding);
            SendQueue.Entry entry =
                entry(encoded, subscription, message, mark, SendQueue.Kind.RECOVERED);
            if (!all || !fits(entry)) {
              all = false;
              break;
            }
            if (encoded.refusal() == null) {
              told = told.and(message.channel(), mark);
            } else {
              unsendable = new Unsendable(message, encoded.refusal(), unsendable);
            }
            PendingWrite started = enqueue(entry);
            flight = flight == null ? started : flight;
          }
          through = message.position();
        }
      } catch (Throwable e) {
        all = false;
        fault = e;
      }
      subscription.caughtUpTo(all ? page.through() : through, page);
      again = subscription.isBehind() && isFree();
    }
    take(flight);
    if (dropped) {
      report(listener -> listener.onOverflow(session()));
    }
    report(unsendable);
    if (fault != null) {
      fail("Delivering a page of the log", fault);
    }
    if (slow) {
      close(CloseReason.SLOW, Duration.ZERO);
    }
    if (again) {
      tellRoom();
    }
    return true;
  }

  /**
   * A message as this session gets it, with its heads. In the place of one that the codec refused
   * stands a gap, which can be dropped and read again like it.
   */
  private static SendQueue.Entry entry(
      EncodedFrame.Encoded encoded,
      Subscription subscription,
      Message message,
      @Nullable StateVersion mark,
      SendQueue.Kind kind) {
    Payload payload = encoded.payload();
    ByteBuffer bytes = encoded.bytes();
    if (payload == null || bytes == null) {
      var gap = new EncodedFrame(new ServerEvent.Gap(message.channel(), message.position()));
      EncodedFrame.Encoded notice = gap.encoded(encoded.encoding());
      if (notice.payload() == null) {
        throw new IllegalStateException("A codec refused a gap", notice.refusal());
      }
      return entry(notice, subscription, message, null, SendQueue.Kind.GAP);
    }
    Subscription droppedWith = mark == null ? subscription : null;
    if (payload.head() == null) {
      return new SendQueue.Entry(bytes, null, message, droppedWith, kind);
    }
    List<ByteBuffer> heads = payload.head().of(subscription, message.position());
    if (heads.isEmpty()) {
      return new SendQueue.Entry(Payload.NOTHING.bytes(), null, message, droppedWith, kind);
    }
    Framing framing = encoded.encoding().framing();
    ByteBuffer[] more = new ByteBuffer[2 * heads.size() - 1];
    for (int i = 0; i < heads.size(); i++) {
      if (i > 0) {
        more[2 * i - 1] = framing.begin(heads.get(i), payload.bytes());
      }
      more[2 * i] = bytes;
    }
    return new SendQueue.Entry(
        framing.begin(heads.getFirst(), payload.bytes()), more, message, droppedWith, kind);
  }

  private void report(@Nullable Unsendable newest) {
    for (Unsendable each = newest; each != null; each = each.next()) {
      Unsendable one = each;
      report(listener -> listener.onUnsendable(session(), one.message(), one.refusal()));
    }
  }

  /** Null when it holds no state. */
  private @Nullable StateVersion mark(ServerEvent frame) {
    return frame instanceof ServerEvent.Subscribed answer ? environment().mark(answer) : null;
  }

  // Under the lock --------------------------------------------------------------------------------

  private boolean holdsOlderState(ServerEvent frame, @Nullable StateVersion mark) {
    return frame instanceof ServerEvent.Subscribed answer && told.isOlder(answer.channel(), mark);
  }

  private void remember(ServerEvent frame, @Nullable StateVersion mark) {
    if (frame instanceof ServerEvent.Subscribed answer) {
      told = told.and(answer.channel(), mark);
    }
  }

  /** Whether it is this subscription, and not one before or after it on the same channel. */
  private boolean follows(Subscription subscription) {
    return subscription(subscription.channel()) == subscription;
  }
}

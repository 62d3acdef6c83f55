package io.heliograph.session;

import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.History;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One connected client, and what it is still owed. It is the only writer of its transport: a frame
 * goes out at once when the line is free, else it waits in the {@link Outbox}, and the write's
 * completion sends what has queued up. Nobody ever waits for the client.
 *
 * <p>A full outbox is emptied and its subscriptions fall behind: they read the log when there is
 * room again.
 *
 * <p>Safe for many threads. Its monitor guards the fields below and its subscriptions; neither the
 * transport, nor the listener, nor a broker is ever called under it.
 */
public final class Session {

  private static final Subscription[] NONE = {};

  /** About a millisecond of nanoseconds, so that four bytes reach far enough. */
  private static final int TICK_BITS = 20;

  /** What the heartbeat finds. */
  enum Life {
    ALIVE,
    /** It was asked so short a time ago that no answer means nothing yet. */
    ASKED_JUST_NOW,
    SILENT
  }

  private enum State {
    OPEN,
    /** The last frames are on their way, nothing is added. */
    CLOSING,
    CLOSED
  }

  private final Channel.OneSession channel;
  private final Transport transport;
  private final SessionEnvironment environment;
  private final Instant connectedAt;

  /** When it is to be ended, in monotonic nanoseconds; dithered, so that reconnects are spread. */
  private final long lifetimeEndNanos;

  private volatile Identity identity;

  /**
   * Anything was heard since the last ping. Written by the line's thread and the heartbeat's, and
   * races do no harm.
   */
  private volatile boolean alive = true;

  /**
   * When it was last asked for a sign of life, in units of {@link #TICK_BITS}; the heartbeat's own.
   */
  private int askedTick;

  private Subscription[] subscriptions = NONE;
  private @Nullable Outbox outbox;

  /** Null until it was told a state; most sessions never are. */
  private @Nullable StatesTold told;

  private boolean writing;

  /** Somebody is telling the listener of room; {@link #roomAgain}: and is to do it once more. */
  private boolean tellingRoom;

  private boolean roomAgain;
  private long writingSinceNanos;
  private State state = State.OPEN;
  private @Nullable CloseReason closing;

  public Session(
      Channel.OneSession channel,
      Transport transport,
      SessionEnvironment environment,
      Identity identity,
      Instant connectedAt,
      long lifetimeEndNanos) {
    this.channel = channel;
    this.transport = transport;
    this.environment = environment;
    this.identity = identity;
    this.connectedAt = connectedAt;
    this.lifetimeEndNanos = lifetimeEndNanos;
  }

  public String id() {
    return channel.id();
  }

  public Channel.OneSession channel() {
    return channel;
  }

  public Transport transport() {
    return transport;
  }

  public Identity identity() {
    return identity;
  }

  public void identity(Identity newIdentity) {
    identity = newIdentity;
  }

  public Instant connectedAt() {
    return connectedAt;
  }

  public boolean outlived(long nowNanos) {
    return nowNanos - lifetimeEndNanos >= 0;
  }

  /** The client gave a sign of life. */
  public void heard() {
    alive = true;
  }

  /**
   * Whether the last question was answered; if so, it is to be asked again now.
   *
   * @param graceNanos how long it may take to answer, whatever else held up the heartbeat
   */
  Life life(long nowNanos, long graceNanos) {
    int tick = (int) (nowNanos >> TICK_BITS);
    if (!alive) {
      return tick - askedTick < graceNanos >> TICK_BITS ? Life.ASKED_JUST_NOW : Life.SILENT;
    }
    alive = false;
    askedTick = tick;
    return Life.ALIVE;
  }

  /** The line has gone; nothing must be added to the registry for it any more. */
  public boolean hasEnded() {
    synchronized (this) {
      return state == State.CLOSED;
    }
  }

  public boolean isOpen() {
    synchronized (this) {
      return state == State.OPEN;
    }
  }

  /** Why this server is closing it; null when it is not. */
  public @Nullable CloseReason closing() {
    synchronized (this) {
      return closing;
    }
  }

  // What it follows -------------------------------------------------------------------------------

  public List<Subscription> subscriptions() {
    synchronized (this) {
      return List.of(subscriptions);
    }
  }

  public @Nullable Subscription subscription(Channel followed) {
    synchronized (this) {
      for (Subscription subscription : subscriptions) {
        if (subscription.channel().equals(followed)) {
          return subscription;
        }
      }
      return null;
    }
  }

  /**
   * A new subscription, or null when it follows the channel already or has ended. Not live before
   * its first page.
   */
  public @Nullable Subscription follow(Channel followed) {
    synchronized (this) {
      if (state != State.OPEN || subscription(followed) != null) {
        return null;
      }
      Subscription subscription = new Subscription(this, followed);
      subscriptions = Arrays.copyOf(subscriptions, subscriptions.length + 1);
      subscriptions[subscriptions.length - 1] = subscription;
      return subscription;
    }
  }

  public @Nullable Subscription unfollow(Channel followed) {
    synchronized (this) {
      Subscription gone = subscription(followed);
      if (gone != null) {
        Subscription[] rest = new Subscription[subscriptions.length - 1];
        int i = 0;
        for (Subscription subscription : subscriptions) {
          if (subscription != gone) {
            rest[i++] = subscription;
          }
        }
        subscriptions = rest;
      }
      return gone;
    }
  }

  /** The client handled everything up to here; false when it was not sent that. */
  public boolean acknowledge(Subscription subscription, Position position) {
    synchronized (this) {
      return subscription.acknowledge(position);
    }
  }

  // What it is sent -------------------------------------------------------------------------------

  /** Sends an answer or notice. It never waits longer than what is queued before it. */
  public void send(ServerFrame frame) {
    answer(frame);
  }

  /**
   * Sends an answer, unless it holds a state.
   *
   * @return false when that state is older than what was told since it was read; then nothing was
   *     sent, and it has to be read again
   */
  public boolean answer(ServerFrame frame) {
    Outbox.Entry entry = Outbox.Entry.answer(transport.protocol().encode(frame));
    Flight flight = null;
    boolean dropped;
    boolean room;
    synchronized (this) {
      if (state != State.OPEN) {
        return true;
      }
      if (holdsOlderState(frame)) {
        return false;
      }
      dropped = !fits(entry) && dropMessages();
      room = fits(entry);
      if (room) {
        flight = enqueue(entry);
        told(frame);
      }
    }
    if (dropped) {
      environment.listener().onOverflow(this);
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
  public void deliver(Subscription subscription, List<Announced> together) {
    Flight flight = null;
    boolean overflow = false;
    boolean room;
    synchronized (this) {
      if (state != State.OPEN) {
        return;
      }
      boolean behind = false;
      for (Announced announced : together) {
        switch (subscription.offer(announced.message())) {
          case IGNORE -> {}
          case BEHIND -> behind = true;
          case NEXT -> {
            Message message = announced.message();
            StateMark mark = mark(message);
            if (mark != null && !isNews(message.channel(), mark)) {
              continue;
            }
            Outbox.Entry entry =
                new Outbox.Entry(
                    announced.frame().bytes(transport.protocol()),
                    message,
                    mark == null ? subscription : null,
                    true);
            if (!fits(entry)) {
              dropMessages();
              subscription.dropped(message.position());
              overflow = true;
            } else {
              told(message.channel(), mark);
              if (together.size() == 1) {
                flight = enqueue(entry);
              } else {
                hold(entry);
              }
            }
          }
        }
      }
      if (flight == null && !writing && outbox != null && !outbox.isEmpty()) {
        flight = startWriting(outbox.nextFlush());
      }
      room = behind && !writing;
    }
    if (overflow) {
      environment.listener().onOverflow(this);
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
  public boolean tell(Subscription subscription, Draft current) {
    Flight flight;
    synchronized (this) {
      Channel channel = subscription.channel();
      Position at = subscription.cursor();
      StateMark mark = environment.states().read(channel, current.data());
      // Without a position it waits for the answer to its subscribe, which brings a snapshot.
      if (state != State.OPEN
          || at == null
          || mark == null
          || !follows(subscription)
          || !isNews(channel, mark)) {
        return false;
      }
      Message message = current.at(channel, at);
      Outbox.Entry entry =
          new Outbox.Entry(
              transport.protocol().encode(new ServerFrame.Delivery(message)), message, null, false);
      if (!fits(entry)) {
        return false;
      }
      told(channel, mark);
      flight = enqueue(entry);
    }
    take(flight);
    return true;
  }

  // What it was told of states; under the lock ----------------------------------------------------

  private @Nullable StateMark mark(Message message) {
    return environment.states().read(message.channel(), message.data());
  }

  private @Nullable StateMark mark(ServerFrame frame) {
    return frame instanceof ServerFrame.Subscribed answer && answer.state() != null
        ? environment.states().read(answer.channel(), answer.state())
        : null;
  }

  private boolean holdsOlderState(ServerFrame frame) {
    StateMark mark = mark(frame);
    return mark != null
        && told != null
        && frame instanceof ServerFrame.Subscribed answer
        && told.isOlder(answer.channel(), mark);
  }

  private boolean isNews(Channel channel, StateMark mark) {
    return told == null || told.isNewer(channel, mark);
  }

  private void told(ServerFrame frame) {
    if (frame instanceof ServerFrame.Subscribed answer) {
      told(answer.channel(), mark(frame));
    }
  }

  private void told(Channel channel, @Nullable StateMark mark) {
    if (mark != null) {
      if (told == null) {
        told = new StatesTold();
      }
      told.told(channel, mark);
    }
  }

  /** Whether it is this subscription, and not one before or after it on the same channel. */
  private boolean follows(Subscription subscription) {
    return subscription(subscription.channel()) == subscription;
  }

  // What it reads from the log --------------------------------------------------------------------

  /** Takes up reading for one that is behind; 0: nobody has to read now. */
  public int beginReading(Subscription subscription) {
    synchronized (this) {
      return state == State.OPEN && !writing ? subscription.beginReading() : 0;
    }
  }

  /** Begins anew for a subscribe with a position; the number goes with the page. */
  public int restart(Subscription subscription) {
    synchronized (this) {
      return subscription.restart();
    }
  }

  public void readingFailed(Subscription subscription, int read) {
    synchronized (this) {
      subscription.readingFailed(read);
    }
  }

  /** Announcements may have been lost: whether it has to read. */
  public void suspect(Subscription subscription) {
    synchronized (this) {
      subscription.suspect();
    }
  }

  /**
   * A page of the log has come. What finds room goes on the line; the rest is read again when there
   * is room.
   *
   * @param first what is sent before the messages; null: nothing
   * @return false when {@code first} holds a state that is older than what was told since it was
   *     read; then nothing was done, and it has to be read again
   */
  public boolean onPage(
      Subscription subscription, int read, History page, @Nullable ServerFrame first) {
    WireProtocol protocol = transport.protocol();
    Flight flight = null;
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
      if (state != State.OPEN || !subscription.awaits(read)) {
        return true;
      }
      if (first != null && holdsOlderState(first)) {
        return false;
      }
      if (first != null) {
        Outbox.Entry entry = Outbox.Entry.answer(protocol.encode(first));
        dropped = !fits(entry) && dropMessages();
        slow = !fits(entry);
        flight = slow ? null : enqueue(entry);
        told(first);
      }
      Position through = page.begin();
      boolean all = !slow;
      for (Message message : page.messages()) {
        StateMark mark = mark(message);
        if (mark == null || isNews(message.channel(), mark)) {
          Outbox.Entry entry =
              new Outbox.Entry(
                  protocol.encode(new ServerFrame.Delivery(message)),
                  message,
                  mark == null ? subscription : null,
                  false);
          if (!all || !fits(entry)) {
            all = false;
            break;
          }
          Flight started = enqueue(entry);
          flight = flight == null ? started : flight;
          told(message.channel(), mark);
        }
        through = message.position();
      }
      subscription.caughtUpTo(all ? page.through() : through, page);
      again = subscription.isBehind() && !writing;
    }
    take(flight);
    if (dropped) {
      environment.listener().onOverflow(this);
    }
    if (slow) {
      close(CloseReason.SLOW, Duration.ZERO);
    }
    if (again) {
      tellRoom();
    }
    return true;
  }

  // How it writes ---------------------------------------------------------------------------------

  /** Under the lock. The flight to start, or null when it waits for the one under way. */
  private @Nullable Flight enqueue(Outbox.Entry entry) {
    if (writing) {
      hold(entry);
      return null;
    }
    return startWriting(List.of(entry));
  }

  /** Under the lock. */
  private void hold(Outbox.Entry entry) {
    if (outbox == null) {
      outbox = new Outbox();
    }
    outbox.add(entry);
  }

  private Flight startWriting(List<Outbox.Entry> entries) {
    writing = true;
    writingSinceNanos = environment.nanoTime().getAsLong();
    return new Flight(this, entries);
  }

  private void take(@Nullable Flight flight) {
    Flight current = flight;
    while (current != null) {
      transport.write(current.frames(), current);
      if (!current.passesSecond()) {
        environment.listener().onPending(this);
        return;
      }
      current = next(current);
    }
  }

  /** The completion came after the writer had returned. */
  void goOn(Flight completed) {
    take(next(completed));
  }

  private @Nullable Flight next(Flight completed) {
    if (completed.failure() != null) {
      environment.listener().onBroken(this);
      return null;
    }
    for (Outbox.Entry entry : completed.entries()) {
      if (entry.message() != null) {
        environment.listener().onWritten(this, entry.message(), entry.live());
      }
    }
    Flight flight = null;
    CloseReason close = null;
    boolean room = false;
    synchronized (this) {
      if (outbox != null && !outbox.isEmpty() && state != State.CLOSED) {
        flight = startWriting(outbox.nextFlush());
      } else {
        outbox = null;
        writing = false;
        close = state == State.CLOSING ? closing : null;
        room = state == State.OPEN && anyBehind();
      }
    }
    if (close != null) {
      transport.close(close);
    }
    if (room) {
      tellRoom();
    }
    return flight;
  }

  /**
   * In a loop and not by recursion, where pages and writes complete at once: a log may have very
   * many pages.
   */
  private void tellRoom() {
    synchronized (this) {
      roomAgain = true;
      if (tellingRoom) {
        return;
      }
      tellingRoom = true;
    }
    try {
      while (true) {
        synchronized (this) {
          if (!roomAgain) {
            tellingRoom = false;
            return;
          }
          roomAgain = false;
        }
        environment.listener().onRoom(this);
      }
    } catch (RuntimeException | Error e) {
      synchronized (this) {
        tellingRoom = false;
      }
      throw e;
    }
  }

  /**
   * Whether it is within the bound. One that is too large alone goes when nothing else waits: the
   * line moves on.
   */
  private boolean fits(Outbox.Entry entry) {
    return outbox == null
        || outbox.isEmpty()
        || outbox.bytes() + entry.size() <= environment.maxQueuedBytes();
  }

  /** Whether there were any. */
  private boolean dropMessages() {
    return outbox != null && outbox.dropMessages();
  }

  private boolean anyBehind() {
    for (Subscription subscription : subscriptions) {
      if (subscription.isBehind()) {
        return true;
      }
    }
    return false;
  }

  /**
   * How long the write under way has taken; 0 when the line is free or gone: nobody has to watch it
   * then.
   */
  public long pendingNanos(long nowNanos) {
    synchronized (this) {
      return writing && state != State.CLOSED ? Math.max(1, nowNanos - writingSinceNanos) : 0;
    }
  }

  public int queuedBytes() {
    synchronized (this) {
      return outbox == null ? 0 : outbox.bytes();
    }
  }

  // How it ends -----------------------------------------------------------------------------------

  /**
   * Says bye and closes. Messages that still wait are not sent: the client finds them in the log
   * when it is back.
   *
   * @param reconnectAfter the hint for a client that may come back
   */
  public void close(CloseReason reason, Duration reconnectAfter) {
    ServerFrame bye = new ServerFrame.Bye(reason.tag(), reason.comeBack() ? reconnectAfter : null);
    Outbox.Entry entry = Outbox.Entry.answer(transport.protocol().encode(bye));
    Flight flight;
    synchronized (this) {
      if (state != State.OPEN) {
        return;
      }
      state = State.CLOSING;
      closing = reason;
      dropMessages();
      flight = enqueue(entry);
    }
    take(flight);
  }

  /** Cuts a line that does not take anything any more. */
  public void abort(CloseReason reason) {
    synchronized (this) {
      if (state == State.CLOSED) {
        return;
      }
      if (closing == null) {
        closing = reason;
      }
      state = State.CLOSED;
      outbox = null;
    }
    transport.abort();
  }

  /**
   * The line has gone. Answers what it followed, once: whoever gets it takes it out of the
   * registry.
   */
  public List<Subscription> end() {
    synchronized (this) {
      state = State.CLOSED;
      outbox = null;
      List<Subscription> followed = List.of(subscriptions);
      subscriptions = NONE;
      return followed;
    }
  }
}

package io.heliograph.session;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a session's frames leave: the only writer of its transport, with one write under way at a
 * time. A frame goes out at once when the line is free, else it waits in the {@link SendQueue}, and
 * the write's completion sends what has queued up. Nobody ever waits for the client.
 *
 * <p>A part of its session and not an object beside it: there may be a million. What only a busy
 * line needs is in its {@link PendingWrite}, and goes with it.
 *
 * <p>Its monitor is the session's. Neither the transport nor the listener is ever called under it.
 */
abstract sealed class Line permits Feed {

  private static final Logger log = LoggerFactory.getLogger(Line.class);

  private final Transport transport;
  private final SessionContext environment;

  /** The write under way, and what waits for its end; null while the line is free. */
  private @Nullable PendingWrite flight;

  /** Why this server closes it; from then on nothing is added. */
  private @Nullable CloseReason closing;

  private boolean ended;

  /** Somebody is telling the listener of room; {@link #roomAgain}: and is to do it once more. */
  private boolean tellingRoom;

  private boolean roomAgain;

  Line(Transport transport, SessionContext environment) {
    this.transport = transport;
    this.environment = environment;
  }

  /** This, as the listener knows it. */
  abstract Session session();

  /** Under the lock: whether there is something to read as soon as there is room. */
  abstract boolean anyBehind();

  public final Transport transport() {
    return transport;
  }

  /** See {@link ReadAhead}. Without the lock: whatever it reads, nothing comes of it. */
  public final int readAhead() {
    int read = flight == null ? 1 : 0;
    return transport instanceof ReadAhead ahead ? read + ahead.readAhead() : read;
  }

  final SessionContext environment() {
    return environment;
  }

  /** The line has gone; nothing must be added to the registry for it any more. */
  public final boolean hasEnded() {
    synchronized (this) {
      return ended;
    }
  }

  public final boolean isOpen() {
    synchronized (this) {
      return closing == null && !ended;
    }
  }

  /** Why this server is closing it; null when it is not. */
  public final @Nullable CloseReason closing() {
    synchronized (this) {
      return closing;
    }
  }

  // What waits; under the lock --------------------------------------------------------------------

  final boolean isFree() {
    return flight == null;
  }

  /**
   * Whether it is within the bound. One that is too large alone goes when nothing else waits: the
   * line moves on.
   */
  final boolean fits(SendQueue.Entry entry) {
    return flight == null || flight.hasRoomFor(entry, environment.maxQueuedBytes());
  }

  /** Takes out what the log has as well. Whether there was any. */
  final boolean dropMessages() {
    return flight != null && flight.dropMessages(_ -> true);
  }

  /** Takes out the messages of one subscription, whose cursor goes back to before them. */
  final void takeBack(Subscription subscription) {
    if (flight != null) {
      flight.dropMessages(other -> other == subscription);
    }
  }

  /** The flight to start, or null when it waits for the one under way. */
  final @Nullable PendingWrite enqueue(SendQueue.Entry entry) {
    if (flight == null) {
      flight = new PendingWrite(this, List.of(entry), null, now());
      return flight;
    }
    flight.hold(entry);
    return flush();
  }

  /** As {@link #enqueue} for one of several; {@link #flush} lets them go. */
  final void hold(SendQueue.Entry entry) {
    if (flight == null) {
      flight = new PendingWrite(this, List.of(), null, now());
    }
    flight.hold(entry);
  }

  /** The flight to start, or null when there is none, or one is under way already. */
  final @Nullable PendingWrite flush() {
    if (flight == null || !flight.entries().isEmpty()) {
      return null;
    }
    flight = flight.next(environment.nanoTime());
    return flight;
  }

  // How it writes ---------------------------------------------------------------------------------

  /** Starts what {@link #enqueue} or {@link #flush} answered. */
  final void take(@Nullable PendingWrite start) {
    PendingWrite current = start;
    while (current != null) {
      try {
        transport.write(current.frames(), current);
        if (!current.passesSecond()) {
          environment.listener().onPending(session());
          return;
        }
      } catch (Throwable e) {
        // Its completion may never come, and without onPending nobody would notice.
        log.error("Writing to a session failed", e);
        abort(CloseReason.FAULT);
        return;
      }
      current = next(current);
    }
  }

  /** The completion came after the writer had returned. */
  final void goOn(PendingWrite completed) {
    if (completed.failure() == null) {
      session().progressed();
    }
    take(next(completed));
  }

  private @Nullable PendingWrite next(PendingWrite completed) {
    if (completed.failure() != null) {
      try {
        environment.listener().onBroken(session());
      } catch (Throwable e) {
        log.error("A session's listener failed", e);
        abort(CloseReason.FAULT);
      }
      return null;
    }
    try {
      for (SendQueue.Entry entry : completed.entries()) {
        switch (entry.kind()) {
          case ANSWER, GAP -> {}
          case LIVE, RECOVERED ->
              environment
                  .listener()
                  .onWritten(
                      session(),
                      Objects.requireNonNull(entry.message()),
                      entry.kind() == SendQueue.Kind.LIVE);
        }
      }
    } catch (Throwable e) {
      fail("A session's listener", e);
    }
    PendingWrite next;
    CloseReason close = null;
    boolean room = false;
    synchronized (this) {
      next = completed.next(environment.nanoTime());
      flight = next;
      if (next == null && !ended) {
        close = closing;
        room = closing == null && anyBehind();
      }
    }
    if (close != null) {
      transport.close(close);
    }
    if (room) {
      tellRoom();
    }
    return next;
  }

  private long now() {
    return environment.nanoTime().getAsLong();
  }

  /**
   * How long nothing of the write under way has left; 0 when the line is free or gone: nobody has
   * to watch it then. A client that reads slowly takes something now and then, and is alive.
   */
  public final long stalledNanos(long nowNanos) {
    synchronized (this) {
      if (flight == null || ended) {
        return 0;
      }
      if (flight.hasProgressed(nowNanos)) {
        session().progressed();
      }
      return Math.max(1, nowNanos - flight.sinceNanos());
    }
  }

  public final int queuedBytes() {
    synchronized (this) {
      return flight == null ? 0 : flight.queuedBytes();
    }
  }

  /**
   * In a loop and not by recursion, where pages and writes complete at once: a log may have very
   * many pages.
   */
  final void tellRoom() {
    synchronized (this) {
      roomAgain = true;
      if (tellingRoom) {
        return;
      }
      tellingRoom = true;
    }
    while (true) {
      synchronized (this) {
        if (!roomAgain) {
          tellingRoom = false;
          return;
        }
        roomAgain = false;
      }
      report(listener -> listener.onRoom(session()));
    }
  }

  /**
   * Calls the listener. What it throws ends the session, and not the thread that happens to call.
   */
  final void report(Consumer<SessionListener> event) {
    try {
      event.accept(environment.listener());
    } catch (Throwable e) {
      fail("A session's listener", e);
    }
  }

  // How it ends -----------------------------------------------------------------------------------

  /** Ends the session because something of this server failed in its middle. */
  public final void fail(String what, Throwable failure) {
    log.error("{} failed, the session ends", what, failure);
    close(CloseReason.FAULT, Duration.ZERO);
  }

  /**
   * Says bye and closes. Messages that still wait are not sent: the client finds them in the log
   * when it is back.
   *
   * @param reconnectAfter the hint for a client that may come back
   */
  public final void close(CloseReason reason, Duration reconnectAfter) {
    SendQueue.Entry bye = bye(reason, reconnectAfter);
    PendingWrite start;
    boolean silently;
    synchronized (this) {
      if (!isOpen()) {
        return;
      }
      closing = reason;
      dropMessages();
      start = bye == null ? null : enqueue(bye);
      silently = bye == null && isFree();
    }
    take(start);
    if (silently) {
      transport.close(reason);
    }
  }

  /** Null when the codec refuses it: then the close code alone has to do. */
  private SendQueue.@Nullable Entry bye(CloseReason reason, Duration reconnectAfter) {
    try {
      ServerEvent bye =
          new ServerEvent.Bye(reason.tag(), reason.comeBack() ? reconnectAfter : null);
      return SendQueue.Entry.answer(transport.encode(bye));
    } catch (Throwable e) {
      log.error("Encoding a bye failed", e);
      return null;
    }
  }

  /** Cuts a line that does not take anything any more. */
  public final void abort(CloseReason reason) {
    synchronized (this) {
      if (ended) {
        return;
      }
      if (closing == null) {
        closing = reason;
      }
      cut();
    }
    transport.abort();
  }

  /** Under the lock: nothing more goes out, whatever waits. */
  final void cut() {
    ended = true;
    if (flight != null) {
      flight.forgetWaiting();
    }
  }
}

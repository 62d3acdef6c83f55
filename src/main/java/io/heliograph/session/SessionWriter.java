package io.heliograph.session;

import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The only writer of a session's transport, with one write in progress at a time. A frame is
 * written at once when none is in progress. Otherwise it waits in the {@link SendQueue}, and the
 * completion of the write sends what has queued meanwhile in one flush. No thread waits for the
 * client.
 *
 * <p>Guarded by the session's lock, which is never held while the transport or the listener is
 * called. Methods that say "under the lock" expect the caller to hold it. There may be a million
 * sessions, so what only a busy one needs is in its {@link PendingWrite}, which ends with the
 * write.
 */
final class SessionWriter {

  private static final Logger log = LoggerFactory.getLogger(SessionWriter.class);

  private final Session session;
  private final Transport transport;
  private final SessionContext context;

  /** The write in progress and what waits for its end; null while there is none. */
  private @Nullable PendingWrite pending;

  /** Why this server closes the session; from then on nothing is queued. */
  private @Nullable CloseReason closing;

  private boolean ended;

  /** A thread is reporting room to the listener; {@link #reportRoomAgain}: and must repeat it. */
  private boolean reportingRoom;

  private boolean reportRoomAgain;

  /** Some subscription may be behind; otherwise none is looked at after a write. */
  private boolean anyBehind;

  SessionWriter(Session session, Transport transport, SessionContext context) {
    this.session = session;
    this.transport = transport;
    this.context = context;
  }

  Transport transport() {
    return transport;
  }

  SessionContext context() {
    return context;
  }

  boolean hasEnded() {
    synchronized (session) {
      return ended;
    }
  }

  boolean isOpen() {
    synchronized (session) {
      return closing == null && !ended;
    }
  }

  @Nullable CloseReason closing() {
    synchronized (session) {
      return closing;
    }
  }

  // The queue, under the lock ---------------------------------------------------------------------

  /** Whether no write is in progress. Without the lock only for {@link Session#readAhead}. */
  boolean isFree() {
    return pending == null;
  }

  /**
   * Whether the frame is within the bound. One that is larger than the bound goes when nothing else
   * waits, so that it does not hold up the session for ever.
   */
  boolean fits(QueuedFrame frame) {
    return pending == null || pending.hasRoomFor(frame, context.maxQueuedBytes());
  }

  /** Drops the messages that wait, which the log has as well; false when there was none. */
  boolean dropMessages() {
    return pending != null && pending.dropMessages(_ -> true);
  }

  /** Drops the messages of one subscription, whose cursor goes back to before them. */
  void dropMessages(Subscription subscription) {
    if (pending != null) {
      pending.dropMessages(other -> other == subscription);
    }
  }

  /** A subscription fell behind, and reads its log as soon as there is room. */
  void onBehind() {
    anyBehind = true;
  }

  /** Answers the write to {@link #start}; null when the frame waits for the one in progress. */
  @Nullable PendingWrite enqueue(QueuedFrame frame) {
    if (pending == null) {
      pending = new PendingWrite(this, List.of(frame), null, now());
      return pending;
    }
    pending.add(frame);
    return flush();
  }

  /** As {@link #enqueue}, for one of several frames that {@link #flush} sends together. */
  void add(QueuedFrame frame) {
    if (pending == null) {
      pending = new PendingWrite(this, List.of(), null, now());
    }
    pending.add(frame);
  }

  /** Answers the write to {@link #start}; null when nothing waits, or one is in progress. */
  @Nullable PendingWrite flush() {
    if (pending == null || !pending.frames().isEmpty()) {
      return null;
    }
    pending = pending.next(context.nanoTime());
    return pending;
  }

  // Writing ---------------------------------------------------------------------------------------

  /** Starts what {@link #enqueue} or {@link #flush} answered. Not under the lock. */
  void start(@Nullable PendingWrite first) {
    PendingWrite current = first;
    while (current != null) {
      try {
        trace(current.frames());
        transport.write(current.buffers(), current);
        if (!current.passesSecond()) {
          context.listener().onPending(session);
          return;
        }
      } catch (Throwable e) {
        // The completion may never come, and without onPending the send timeout would not see it.
        log.error("Writing to a session failed", e);
        abort(CloseReason.FAULT);
        return;
      }
      current = complete(current);
    }
  }

  /** What waits leaves with a write that is still held for want of a connection. */
  List<QueuedFrame> join(PendingWrite held) {
    List<QueuedFrame> joined;
    synchronized (session) {
      joined = ended || pending != held ? List.of() : held.join();
    }
    trace(joined);
    return joined;
  }

  /** For a transport that keeps track of what can be resumed. */
  private void trace(List<QueuedFrame> leaving) {
    if (transport instanceof MessageTrail trail) {
      for (QueuedFrame frame : leaving) {
        if (frame.message() != null && frame.subscription() != null) {
          trail.onWriting(frame.message().channel(), frame.message().position());
        }
      }
    }
  }

  /** The write completed after {@link Transport#write} had returned. */
  void onCompleted(PendingWrite completed) {
    if (completed.failure() == null) {
      session.pings().onSignOfLife();
    }
    start(complete(completed));
  }

  /** Reports a write that completed; answers the next one to start. */
  private @Nullable PendingWrite complete(PendingWrite completed) {
    if (completed.failure() != null) {
      abort(CloseReason.GONE);
      return null;
    }
    try {
      for (QueuedFrame frame : completed.frames()) {
        switch (frame.kind()) {
          case ANSWER, GAP -> {}
          case LIVE, RECOVERED ->
              context
                  .listener()
                  .onWritten(
                      session,
                      Objects.requireNonNull(frame.message()),
                      frame.kind() == QueuedFrame.Kind.LIVE);
        }
      }
    } catch (Throwable e) {
      fail("A session's listener", e);
    }
    PendingWrite next;
    CloseReason close = null;
    boolean room = false;
    synchronized (session) {
      next = completed.next(context.nanoTime());
      pending = next;
      if (next == null && !ended) {
        close = closing;
        anyBehind = anyBehind && session.isAnyBehind();
        room = closing == null && anyBehind;
      }
    }
    if (close != null) {
      transport.close(close);
    }
    if (room) {
      reportRoom();
    }
    return next;
  }

  private long now() {
    return context.nanoTime().getAsLong();
  }

  /**
   * For how long nothing of the write in progress has left; 0 when there is none. A client that
   * reads slowly takes some of it now and then, which is a sign of life.
   */
  long stalledNanos(long nowNanos) {
    synchronized (session) {
      if (pending == null || ended) {
        return 0;
      }
      if (pending.hasProgressed(nowNanos)) {
        session.pings().onSignOfLife();
      }
      return Math.max(1, nowNanos - pending.sinceNanos());
    }
  }

  int queuedBytes() {
    synchronized (session) {
      return pending == null ? 0 : pending.queuedBytes();
    }
  }

  // Reports to the listener, not under the lock ---------------------------------------------------

  /**
   * Reports that subscriptions which are behind may read their logs. Repeats in a loop instead of
   * by recursion, because pages and writes may complete at once and a log may have very many pages.
   */
  void reportRoom() {
    synchronized (session) {
      reportRoomAgain = true;
      if (reportingRoom) {
        return;
      }
      reportingRoom = true;
    }
    while (true) {
      synchronized (session) {
        if (!reportRoomAgain) {
          reportingRoom = false;
          return;
        }
        reportRoomAgain = false;
      }
      report(listener -> listener.onRoom(session));
    }
  }

  /** Calls the listener. What it throws ends the session, and not the thread that calls. */
  void report(Consumer<SessionListener> event) {
    try {
      event.accept(context.listener());
    } catch (Throwable e) {
      fail("A session's listener", e);
    }
  }

  // Closing ---------------------------------------------------------------------------------------

  void fail(String what, Throwable failure) {
    log.error("{} failed, the session ends", what, failure);
    close(CloseReason.FAULT, Duration.ZERO);
  }

  /** See {@link Session#close}. */
  void close(CloseReason reason, Duration reconnectAfter) {
    QueuedFrame bye = bye(reason, reconnectAfter);
    PendingWrite write;
    boolean withoutBye;
    synchronized (session) {
      if (!isOpen()) {
        return;
      }
      closing = reason;
      dropMessages();
      write = bye == null ? null : enqueue(bye);
      withoutBye = bye == null && isFree();
    }
    start(write);
    if (withoutBye) {
      transport.close(reason);
    }
  }

  /** Null when the codec refuses it: the client then gets the close code only. */
  private @Nullable QueuedFrame bye(CloseReason reason, Duration reconnectAfter) {
    try {
      ServerEvent bye =
          new ServerEvent.Bye(reason.tag(), reason.comeBack() ? reconnectAfter : null);
      return QueuedFrame.answer(transport.encode(bye));
    } catch (Throwable e) {
      log.error("Encoding a bye failed", e);
      return null;
    }
  }

  /** See {@link Session#abort}. */
  void abort(CloseReason reason) {
    synchronized (session) {
      if (ended) {
        return;
      }
      if (closing == null) {
        closing = reason;
      }
      end();
    }
    transport.abort();
  }

  /** Under the lock: nothing more is written. Cursors go back to before what waits. */
  void end() {
    ended = true;
    if (pending != null) {
      dropMessages();
      pending.dropAll();
    }
  }
}

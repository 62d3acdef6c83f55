package io.heliograph.protocol.http;

import io.heliograph.client.ClientContext;
import io.heliograph.client.ClientConversation;
import io.heliograph.client.ClientRequest;
import io.heliograph.hub.SessionStart;
import io.heliograph.protocol.v1.JsonCodec;
import io.heliograph.session.CloseReason;
import io.heliograph.session.Encoding;
import io.heliograph.session.Identity;
import io.heliograph.session.Liveness;
import io.heliograph.session.Transport;
import io.heliograph.session.TransportInfo;
import io.heliograph.transport.http.ResponseStream;
import io.heliograph.transport.http.StreamListener;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.eclipse.jetty.util.thread.Scheduler;
import org.jspecify.annotations.Nullable;

/**
 * One poll: the transport of a session that lasts until it is answered, and the wiring to a {@link
 * ClientConversation}. First it gathers what the session is sent at once. If that is nothing new,
 * its connection is taken over, and the first write is the answer.
 *
 * <p>What does not fit into the answer stays unwritten, and with it the session's queue: the next
 * poll reads it from the log.
 */
final class Poll implements Transport, StreamListener {

  static final TransportInfo INFO =
      new TransportInfo("poll", JsonCodec.PROTOCOL, Liveness.NONE, false);

  private enum State {
    /** What comes is added to the answer, which the request's thread sends. */
    GATHERING,
    /** What comes next is the answer. */
    WAITING,
    /** The answer is being sent, or was: nothing more is added. */
    ANSWERED
  }

  private final ClientConversation conversation;
  private final String remoteAddress;
  private final Duration wait;

  // Guarded by this.
  private final PollAnswer answer;
  private State state = State.GATHERING;

  /** The write that is the answer, or that has no room in it. */
  private @Nullable WriteCallback written;

  /** Not all of the write that is the answer is in it. */
  private boolean leftOut;

  /** The connection that was taken over; {@link #stream} once it may be written to. */
  private @Nullable ResponseStream connection;

  private @Nullable ResponseStream stream;
  private Scheduler.@Nullable Task timeOut;
  private boolean ended;

  private volatile @Nullable CloseReason closing;
  private volatile boolean cut;

  /**
   * @param wait how long to wait for something new
   * @param answer empty
   */
  Poll(ClientContext context, String remoteAddress, Duration wait, PollAnswer answer) {
    this.conversation = new ClientConversation(context);
    this.remoteAddress = remoteAddress;
    this.wait = wait;
    this.answer = answer;
  }

  /** Completes when all that the session is sent at once was gathered; never fails. */
  CompletableFuture<Void> begin(Identity identity, SessionStart start) {
    return conversation.begin(this, identity, start);
  }

  /** Done when the requests were taken; their answers come later. Never fails. */
  CompletableFuture<Void> handOver(List<ClientRequest> requests) {
    return FrameRequest.handOver(conversation, requests);
  }

  /** Why the server closed it without an answer; null: it did not. */
  synchronized @Nullable CloseReason refusal() {
    return answer.isNews() ? null : closing;
  }

  /** Whether the answer says where the next poll goes on. */
  synchronized boolean saysWhere() {
    return answer.saysWhere();
  }

  /** Nothing was gathered that is worth an answer: from now on the first write is. */
  synchronized boolean waits() {
    if (state == State.GATHERING && !answer.isNews() && closing == null) {
      state = State.WAITING;
      return true;
    }
    return false;
  }

  /** The answer, whatever is in it; the session ends. */
  ByteBuffer answerNow() {
    ByteBuffer json;
    synchronized (this) {
      state = State.ANSWERED;
      json = answer.json();
    }
    end(CloseReason.NORMAL);
    return json;
  }

  /** The request has ended; without an answer, when it failed. */
  void requestEnded() {
    end(CloseReason.GONE);
  }

  // The connection --------------------------------------------------------------------------------

  /** Its connection is about to become the stream's, see {@link #onOpen}. */
  synchronized void takenOver(ResponseStream taken) {
    connection = taken;
  }

  @Override
  public void onOpen(ResponseStream opened) {
    boolean answered;
    synchronized (this) {
      connection = opened;
      stream = opened;
      answered = state == State.ANSWERED;
      if (!answered) {
        timeOut = opened.schedule(this::timeOut, wait);
      }
    }
    if (cut) {
      opened.abort();
    } else if (answered) {
      send(opened);
    }
  }

  private void timeOut() {
    ResponseStream open;
    synchronized (this) {
      if (state != State.WAITING) {
        return;
      }
      state = State.ANSWERED;
      open = stream;
    }
    if (open != null) {
      send(open);
    }
  }

  private void send(ResponseStream open) {
    ByteBuffer json;
    synchronized (this) {
      json = answer.json();
    }
    ByteBuffer frame = open.framing().frame(json).duplicate();
    open.write(new ByteBuffer[] {frame}, this::sent);
    open.end();
  }

  private void sent(@Nullable Throwable failure) {
    WriteCallback done;
    boolean all;
    synchronized (this) {
      done = written;
      written = null;
      all = !leftOut;
    }
    if (done != null) {
      done.written(all ? failure : new ClosedChannelException());
    }
  }

  @Override
  public void onEnd(boolean complete) {
    ResponseStream ended;
    synchronized (this) {
      ended = stream;
    }
    boolean inGoodOrder = complete || (ended != null && ended.wasLeftInGoodOrder());
    end(inGoodOrder ? CloseReason.NORMAL : CloseReason.GONE);
  }

  /** The session's end, which comes before that of a write that never left. */
  private void end(CloseReason reason) {
    WriteCallback unwritten;
    synchronized (this) {
      if (ended) {
        return;
      }
      ended = true;
      unwritten = written;
      written = null;
      if (timeOut != null) {
        timeOut.cancel();
        timeOut = null;
      }
    }
    CloseReason own = closing;
    conversation.onEnd(own == null ? reason : own);
    if (unwritten != null) {
      unwritten.written(new ClosedChannelException());
    }
  }

  // The transport ---------------------------------------------------------------------------------

  @Override
  public TransportInfo info() {
    return INFO;
  }

  @Override
  public Encoding encoding() {
    return answer.encoding();
  }

  @Override
  public String remoteAddress() {
    return remoteAddress;
  }

  @Override
  public void write(ByteBuffer[] frames, WriteCallback done) {
    ResponseStream answering = null;
    boolean gathered = false;
    boolean failed;
    synchronized (this) {
      failed = ended;
      if (!ended) {
        boolean all = state != State.ANSWERED && add(frames);
        if (state == State.WAITING && answer.isNews()) {
          state = State.ANSWERED;
          answering = stream;
          leftOut = !all;
        } else {
          gathered = all;
        }
        if (!gathered) {
          // Done when the answer has left; what it has no room for comes with the next poll.
          written = done;
        }
      }
    }
    if (failed) {
      done.written(new ClosedChannelException());
    } else if (gathered) {
      done.written(null);
    } else if (answering != null) {
      send(answering);
    }
  }

  /** Under the lock. False when not all of it found room. */
  private boolean add(ByteBuffer[] frames) {
    boolean all = true;
    for (ByteBuffer frame : frames) {
      all &= !frame.hasRemaining() || answer.add(frame);
    }
    return all;
  }

  /** There is nothing to show: a poll is short. */
  @Override
  public void ping(int number) {}

  @Override
  public void close(CloseReason reason) {
    ResponseStream open;
    synchronized (this) {
      closing = reason;
      open = stream;
      if (state == State.WAITING) {
        state = State.ANSWERED;
      } else {
        open = null;
      }
    }
    if (open != null) {
      send(open);
    }
  }

  @Override
  public void abort() {
    ResponseStream open;
    synchronized (this) {
      cut = true;
      if (closing == null) {
        closing = CloseReason.FAULT;
      }
      open = stream;
    }
    if (open != null) {
      open.abort();
    }
  }

  @Override
  public boolean hasEnded() {
    synchronized (this) {
      return ended || (connection != null && connection.hasEnded());
    }
  }
}

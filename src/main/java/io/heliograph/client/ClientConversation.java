package io.heliograph.client;

import io.heliograph.hub.ChannelRight;
import io.heliograph.hub.Hub;
import io.heliograph.hub.SessionStart;
import io.heliograph.message.Channel;
import io.heliograph.message.Position;
import io.heliograph.problem.ProblemType;
import io.heliograph.session.CloseReason;
import io.heliograph.session.DuplexTransport;
import io.heliograph.session.Identity;
import io.heliograph.session.ServerEvent;
import io.heliograph.session.Session;
import io.heliograph.session.Subscription;
import io.heliograph.session.Transport;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client's conversation: its requests come in here, and events go out through its session. A
 * protocol's wiring to its transports calls it; it knows no socket, no JSON, and has no thread of
 * its own.
 *
 * <p>{@link SessionRequests} carries out what concerns the session and its subscriptions, and
 * {@link ClientUpstream} what the client sends on to others.
 *
 * <p>Called by one thread at a time, except {@link #onEnd}, which may come on any thread and before
 * {@link #begin} has returned. Nothing here blocks.
 */
public final class ClientConversation {

  private static final Logger log = LoggerFactory.getLogger(ClientConversation.class);

  private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

  private static final int FRAME_BURST_SECONDS = 5;

  private final ClientContext context;
  private final RequestRate rate;

  // Guarded by this.
  private @Nullable Session session;
  private @Nullable CloseReason ended;

  /** Null until the client sends something on. */
  private @Nullable ClientUpstream upstream;

  public ClientConversation(ClientContext context) {
    this.context = context;
    this.rate = new RequestRate(FRAME_BURST_SECONDS, context.nanoTime());
  }

  /** The first call, when it is known who the client is: makes it a session and welcomes it. */
  public void begin(Transport transport, Identity identity) {
    var _ = begin(transport, identity, SessionStart.NEW);
  }

  /**
   * As {@link #begin(Transport, Identity)}, for a session that starts with more than its own
   * channels.
   *
   * @return done when the welcome and the first messages were handed to the transport; never fails
   */
  public CompletableFuture<Void> begin(Transport transport, Identity identity, SessionStart start) {
    Session connected = hub().connect(transport, identity, start);
    CloseReason endedMeanwhile;
    synchronized (this) {
      session = connected;
      endedMeanwhile = ended;
    }
    if (connected != null && endedMeanwhile != null) {
      hub().disconnect(connected, endedMeanwhile);
    }
    return connected == null ? DONE : context.subscriptions().started(connected);
  }

  /**
   * The last call: the connection has ended, whichever side ended it.
   *
   * @param reason why, as the transport saw it; the server's own reason comes first
   */
  public void onEnd(CloseReason reason) {
    Session connected;
    ClientUpstream unanswered;
    synchronized (this) {
      ended = reason;
      connected = session;
      unanswered = upstream;
    }
    if (unanswered != null) {
      unanswered.end();
    }
    if (connected != null) {
      hub().disconnect(connected, reason);
    }
  }

  /**
   * Something arrived from the client, a request or not: it is alive, and counts for its limit.
   *
   * @return false when it is to be passed over: the client sends too much. Once it has a session
   *     that closes it
   */
  public boolean onSignOfLife() {
    Session current = session();
    if (current != null) {
      current.pings().onSignOfLife();
    }
    if (rate.allows(context.maxFramesPerSecond(), context.nanoTime())) {
      return true;
    }
    if (current != null && current.isOpen()) {
      context.metrics().refused("too_many");
      current.close(CloseReason.TOO_MANY);
    }
    return false;
  }

  /**
   * The client answered a ping. The answer to the last one does not count for its limit.
   *
   * @param number of the ping; -1: of none
   * @return as {@link #onSignOfLife}
   */
  public boolean onPong(int number) {
    Session current = session();
    return (current != null && current.pings().onAnswered(number)) || onSignOfLife();
  }

  /**
   * @return done when the next request may be handed over, so that requests keep their order; it
   *     never fails
   */
  public CompletableFuture<Void> onRequest(ClientRequest request) {
    Session current = session();
    if (current == null) {
      return DONE;
    }
    try {
      return handle(current, request);
    } catch (Throwable e) {
      current.fail("A client's request", e);
      return DONE;
    }
  }

  /**
   * As {@link #onRequest}, for protocols in which the next request may depend on the answer.
   *
   * @return done when the answer was sent; never fails
   */
  public CompletableFuture<Void> onSubscribe(ClientRequest.Subscribe request) {
    Session current = session();
    if (current == null) {
      return DONE;
    }
    try {
      return context.requests().subscribe(current, request).thenCompose(Function.identity());
    } catch (Throwable e) {
      current.fail("A client's request", e);
      return DONE;
    }
  }

  private CompletableFuture<Void> handle(Session current, ClientRequest request) {
    switch (request) {
      case ClientRequest.Subscribe subscribe -> {
        return context.requests().subscribe(current, subscribe).thenApply(_ -> null);
      }
      case ClientRequest.Authenticate authenticate -> {
        return context.requests().authenticate(current, authenticate, rate);
      }
      case ClientRequest.Unsubscribe unsubscribe ->
          context.requests().unsubscribe(current, unsubscribe);
      case ClientRequest.Acknowledge ack -> context.requests().acknowledge(current, ack);
      case ClientRequest.Publish publish -> {
        ClientUpstream to = upstream();
        return to == null ? DONE : to.publish(publish);
      }
      case ClientRequest.Call call -> {
        ClientUpstream to = upstream();
        if (to != null) {
          to.call(call);
        }
      }
      case ClientRequest.Upload upload ->
          context
              .requests()
              .refuse(
                  current,
                  upload.id(),
                  ProblemType.NOT_IMPLEMENTED,
                  "This transport cannot carry an upload; connect by WebSocket with"
                      + " heliograph.v1.json");
      case ClientRequest.Ping ping -> current.send(new ServerEvent.Pong(ping.id()));
    }
    return DONE;
  }

  /** It was a request of the protocol, but asks for something that cannot be. */
  public void onInvalid(@Nullable String id, String detail) {
    onRefused(id, ProblemType.INVALID_REQUEST, detail);
  }

  /** It was a request that the protocol itself refuses, for a reason of its own. */
  public void onRefused(@Nullable String id, ProblemType type, String detail) {
    Session current = session();
    if (current != null) {
      context.requests().refuse(current, id, type, detail);
    }
  }

  /**
   * It was no request of the protocol at all.
   *
   * @param rule what it breaks; never what was sent, which may hold a token
   */
  public void onMalformed(String rule) {
    onMalformed(CloseReason.BAD_FRAME, rule);
  }

  /**
   * The same, with a close reason of its own. Without a session it is counted only, and the
   * protocol closes the connection.
   */
  public void onMalformed(CloseReason reason, String rule) {
    log.info("Frame refused: {}", rule);
    context.metrics().refused(reason == CloseReason.BAD_FRAME ? "malformed" : reason.tag());
    Session current = session();
    if (current != null) {
      current.close(reason);
    }
  }

  /** The client says that it leaves; the answers that wait are still sent. */
  public void onLeave() {
    Session current = session();
    if (current != null) {
      current.close(CloseReason.NORMAL);
    }
  }

  /** What carries the client's connection has changed. */
  public void onTransportChanged() {
    Session current = session();
    if (current != null) {
      hub().transportChanged(current);
    }
  }

  /**
   * Follows a channel by a right that the client showed on an earlier connection. A loss is sent as
   * a gap.
   *
   * @param since the position to resume after
   */
  public void resume(Channel channel, Position since, Instant rightEnds) {
    Session current = session();
    if (current != null) {
      context
          .subscriptions()
          .subscribe(current, null, channel, since, ChannelRight.until(rightEnds));
    }
  }

  /**
   * What the client follows now. When its connection has ended, a subscription's cursor says how
   * far it was sent.
   */
  public List<Subscription> subscriptions() {
    Session current = session();
    return current == null ? List.of() : current.subscriptions();
  }

  /** The channel of the client's own session; null before it has one. */
  public @Nullable Channel sessionChannel() {
    Session current = session();
    return current == null ? null : current.channel();
  }

  /** The channel of the client's user; null: it is anonymous, or has no session yet. */
  public @Nullable Channel userChannel() {
    Session current = session();
    String user = current == null ? null : current.identity().user();
    return user == null ? null : new Channel.User(user);
  }

  /** How far a channel was sent; null: nothing was, or it is not followed. */
  public @Nullable Position position(Channel channel) {
    Session current = session();
    Subscription subscription = current == null ? null : current.subscription(channel);
    return subscription == null ? null : subscription.cursor();
  }

  /** See {@link Subscription#betweenMessages}; false when the channel is not followed. */
  public boolean betweenMessages(Channel channel, Predicate<Position> step) {
    Session current = session();
    Subscription subscription = current == null ? null : current.subscription(channel);
    return subscription != null && subscription.betweenMessages(step);
  }

  /**
   * Like {@link #onRequest}, for a client that announces an upload on a connection that can carry
   * one: its bytes come behind, see {@link #onBinary}.
   *
   * @param connection pauses while the backend takes no bytes
   */
  public void onUpload(ClientRequest.Upload request, DuplexTransport connection) {
    ClientUpstream to = upstream();
    Session current = session();
    if (to == null || current == null) {
      return;
    }
    try {
      to.upload(request, connection);
    } catch (Throwable e) {
      current.fail("A client's upload", e);
    }
  }

  /** The upload whose bytes begin to come; null when the client has announced none. */
  public synchronized @Nullable ClientUpload onBinary() {
    return upstream == null ? null : upstream.beginReceiving();
  }

  /** Null when there is no session, or no more. */
  private synchronized @Nullable ClientUpstream upstream() {
    if (session == null || ended != null) {
      return null;
    }
    if (upstream == null) {
      upstream = new ClientUpstream(context, session);
    }
    return upstream;
  }

  private Hub hub() {
    return context.hub();
  }

  private synchronized @Nullable Session session() {
    return session;
  }
}

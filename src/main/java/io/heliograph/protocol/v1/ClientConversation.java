package io.heliograph.protocol.v1;

import io.heliograph.hub.ChannelAuthorizer;
import io.heliograph.hub.Hub;
import io.heliograph.message.Channel;
import io.heliograph.problem.ProblemType;
import io.heliograph.security.Verification;
import io.heliograph.session.CloseReason;
import io.heliograph.session.Identity;
import io.heliograph.session.ServerEvent;
import io.heliograph.session.ServerEvent.Problem;
import io.heliograph.session.Session;
import io.heliograph.transport.websocket.WebSocketListener;
import io.heliograph.transport.websocket.WebSocketTransport;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One browser's line, between its frames and the hub: reads requests of version 1 and answers them.
 * What may block, the check of a token, runs on a virtual thread while reading pauses, so that
 * requests keep their order.
 */
final class ClientConversation implements WebSocketListener {

  private static final Logger log = LoggerFactory.getLogger(ClientConversation.class);

  /** A quarter of what a client may send may be tokens that are refused. */
  private static final int REFUSED_TOKENS_PER_SECOND = 4;

  private final ClientContext lines;
  private final FrameRate rate;

  /** Needed until the line opens, not for its whole life. */
  private @Nullable Identity identity;

  private @Nullable WebSocketTransport socket;
  private @Nullable Session session;

  ClientConversation(ClientContext lines, Identity identity) {
    this.lines = lines;
    this.identity = identity;
    this.rate = new FrameRate(lines.nanoTime());
  }

  private Hub hub() {
    return lines.hub();
  }

  @Override
  public void onOpen(WebSocketTransport opened) {
    Identity who = identity == null ? Identity.ANONYMOUS : identity;
    identity = null;
    socket = opened;
    session = hub().connect(opened, who);
  }

  @Override
  public void onText(String text) {
    Session current = session;
    if (current == null || !heard(current)) {
      return;
    }
    try {
      handle(current, ClientRequest.parse(text));
    } catch (ClientRequest.Invalid e) {
      refuse(current, e.id(), ProblemType.INVALID_REQUEST, e.getMessage());
    } catch (ClientRequest.Malformed e) {
      // What it sent is not logged: it may hold a token.
      log.info("Frame refused: {}", e.getMessage());
      lines.refused("malformed");
      hub().close(current, CloseReason.BAD_FRAME);
    } catch (Throwable e) {
      current.fail("A client's request", e);
    }
  }

  private void handle(Session current, ClientRequest frame) {
    switch (frame) {
      case ClientRequest.Subscribe subscribe -> subscribe(current, subscribe);
      case ClientRequest.Unsubscribe unsubscribe -> {
        boolean own = unsubscribe.channel().equals(current.channel());
        if (!own && hub().unfollow(current, unsubscribe.channel())) {
          current.send(new ServerEvent.Unsubscribed(unsubscribe.id()));
        } else {
          refuse(
              current,
              unsubscribe.id(),
              ProblemType.NOT_FOLLOWING,
              unsubscribe.channel().text()
                  + (own ? ": a session always follows itself" : " is not followed"));
        }
      }
      case ClientRequest.Ack ack -> {
        if (!hub().acknowledge(current, ack.channel(), ack.position())) {
          refuse(current, ack.id(), ProblemType.NOT_SENT, ack.channel().text());
        }
      }
      case ClientRequest.Auth auth -> apart(() -> authenticate(current, auth));
      case ClientRequest.Ping ping -> current.send(new ServerEvent.Pong(ping.id()));
    }
  }

  private void subscribe(Session current, ClientRequest.Subscribe subscribe) {
    Channel channel = subscribe.channel();
    boolean byIdentity = hub().mayFollow(current, channel);
    ChannelAuthorizer authorizer = lines.capabilitiesFor(channel);
    if (byIdentity && (subscribe.token() == null || authorizer == null)) {
      follow(current, subscribe, ChannelAuthorizer.Granted.until(null));
    } else if (authorizer == null) {
      refuse(current, subscribe.id(), ProblemType.FORBIDDEN, channel.text());
    } else {
      apart(
          () -> {
            switch (authorizer.decide(channel, subscribe.token())) {
              case ChannelAuthorizer.Granted granted -> follow(current, subscribe, granted);
              case ChannelAuthorizer.Refused _ when byIdentity ->
                  follow(current, subscribe, ChannelAuthorizer.Granted.until(null));
              case ChannelAuthorizer.Refused refused -> {
                lines.refused("forbidden");
                current.send(new ServerEvent.Refusal(subscribe.id(), refused.problem()));
              }
            }
          });
    }
  }

  private void follow(
      Session current, ClientRequest.Subscribe subscribe, ChannelAuthorizer.Granted granted) {
    hub().subscribe(current, subscribe.id(), subscribe.channel(), subscribe.since(), granted);
  }

  private void authenticate(Session current, ClientRequest.Auth auth) {
    switch (lines.tokens().verify(auth.token())) {
      case Verification.Accepted(var token) -> {
        if (!hub().authenticate(current, auth.id(), BrowserHandshake.identity(token))) {
          refuse(
              current,
              auth.id(),
              ProblemType.FORBIDDEN,
              "The session belongs to another user than the token; connect anew with it");
        }
      }
      case Verification.Refused(var reason) -> {
        lines.refused("token");
        // Verifying costs more than reading a frame, and a loop of bad tokens is an attack or a
        // bug.
        rate.charge(
            lines.maxFramesPerSecond() / REFUSED_TOKENS_PER_SECOND, lines.maxFramesPerSecond());
        boolean notNow = reason.mayBeGoodLater();
        ProblemType type = notNow ? ProblemType.UNAVAILABLE : ProblemType.TOKEN_REFUSED;
        tell(current, auth.id(), type, (notNow ? "Ask again: " : "") + reason.text());
      }
    }
  }

  /** Does what may block away from the socket's thread; the next frame is read after it. */
  private void apart(Runnable work) {
    WebSocketTransport current = socket;
    if (current == null) {
      return;
    }
    current.pauseReading();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                work.run();
              } catch (Throwable e) {
                log.error("A browser's request failed", e);
                current.close(CloseReason.FAULT);
              } finally {
                current.resumeReading();
              }
            });
  }

  private boolean heard(Session current) {
    current.heard();
    if (rate.allows(lines.maxFramesPerSecond(), lines.nanoTime())) {
      return true;
    }
    if (current.isOpen()) {
      lines.refused("too_many");
      hub().close(current, CloseReason.TOO_MANY);
    }
    return false;
  }

  private void refuse(
      Session current, @Nullable String id, ProblemType type, @Nullable String detail) {
    lines.refused(type.slug().replace('-', '_'));
    tell(current, id, type, detail);
  }

  private static void tell(
      Session current, @Nullable String id, ProblemType type, @Nullable String detail) {
    current.send(
        new ServerEvent.Refusal(id, Problem.of(type.slug(), type.title(), type.status(), detail)));
  }

  @Override
  public void onPing() {
    if (session != null) {
      heard(session);
    }
  }

  @Override
  public void onPong() {
    if (session != null) {
      heard(session);
    }
  }

  @Override
  public void onClosed(CloseReason reason, int code) {
    if (session != null) {
      boolean normal = reason == CloseReason.GONE && (code == 1000 || code == 1001);
      hub().disconnect(session, normal ? CloseReason.NORMAL : reason);
    }
  }
}

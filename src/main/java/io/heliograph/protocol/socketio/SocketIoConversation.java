package io.heliograph.protocol.socketio;

import io.heliograph.client.Admission;
import io.heliograph.client.Caller;
import io.heliograph.client.ClientConversation;
import io.heliograph.client.ClientRequest;
import io.heliograph.client.LateAdmission;
import io.heliograph.concurrent.Background;
import io.heliograph.problem.ProblemType;
import io.heliograph.session.CloseReason;
import io.heliograph.session.DuplexTransport;
import io.heliograph.session.Identity;
import io.heliograph.session.ServerEvent.Problem;
import io.heliograph.session.Subscription;
import io.heliograph.session.Transport.WriteCallback;
import io.heliograph.transport.engineio.EngineListener;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One client of Socket.IO: the packets on its Engine.IO session are a {@link ClientConversation}.
 * It says who it is with CONNECT; what comes before that is bounded by {@link LateAdmission}.
 */
final class SocketIoConversation implements EngineListener, LateAdmission.Newcomer {

  private static final Logger log = LoggerFactory.getLogger(SocketIoConversation.class);

  private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

  private final SocketIoContext context;
  private final ClientConversation conversation;

  /** Needed until it is known who the client is. */
  private volatile @Nullable Caller caller;

  private volatile @Nullable LateAdmission admission;
  private volatile @Nullable ConnectRequest asked;

  /** Done when the session has begun; null before the client was admitted. */
  private volatile @Nullable CompletableFuture<Void> beginning;

  private volatile @Nullable DuplexTransport engine;
  private volatile boolean closed;
  private volatile @Nullable SocketIoTransport transport;

  SocketIoConversation(SocketIoContext context, Caller caller) {
    this.context = context;
    this.caller = caller;
    this.conversation = new ClientConversation(context.clients());
  }

  @Override
  public void onOpen(DuplexTransport session) {
    engine = session;
    Caller who = caller;
    caller = null;
    if (who != null) {
      LateAdmission opened = context.admissions().open(who, this);
      admission = opened;
      if (closed) {
        opened.onEnd();
      }
    }
  }

  // Packets ---------------------------------------------------------------------------------------

  @Override
  public void onMessage(String text) {
    try {
      handle(SocketIoPacket.parse(text));
    } catch (SocketIoPacket.Malformed e) {
      onMalformed(CloseReason.BAD_FRAME, String.valueOf(e.getMessage()));
    }
  }

  private void handle(SocketIoPacket packet) throws SocketIoPacket.Malformed {
    boolean main = packet.namespace().equals(SocketIoPacket.MAIN);
    switch (packet.type()) {
      case CONNECT -> {
        if (main) {
          connect(packet);
        } else {
          refuseNamespace(packet.namespace());
        }
      }
      case EVENT -> {
        if (main && transport != null) {
          event(packet);
        } else {
          onMalformed(CloseReason.BAD_FRAME, "an event before CONNECT");
        }
      }
      case DISCONNECT -> {
        if (main) {
          leave();
        }
      }
      case ACK -> onMalformed(CloseReason.BAD_FRAME, "an acknowledgement that nothing asked for");
      case CONNECT_ERROR -> onMalformed(CloseReason.BAD_FRAME, "a packet that only servers send");
      case BINARY_EVENT, BINARY_ACK -> binary();
    }
  }

  @Override
  public void onBinary(ByteBuffer data) {
    binary();
  }

  private void binary() {
    onMalformed(CloseReason.FORBIDDEN, "binary data, which is not taken");
  }

  private void event(SocketIoPacket packet) throws SocketIoPacket.Malformed {
    List<ClientRequest> requests;
    try {
      requests = SocketIoRequests.parse(packet);
    } catch (InvalidRequestException e) {
      conversation.onInvalid(SocketIoRequests.id(packet), e.detail());
      return;
    }
    for (ClientRequest request : requests) {
      await(conversation.onRequest(request));
    }
  }

  /** Nothing else is handed over before this is done. */
  private void await(CompletableFuture<Void> handled) {
    if (!handled.isDone()) {
      DuplexTransport reading = engine();
      reading.pauseReading();
      handled.whenComplete((_, _) -> reading.resumeReading());
    }
  }

  /** Clients connect to several namespaces on one connection; here is one. */
  private void refuseNamespace(String namespace) {
    String id = SocketIoCodec.namespace(namespace);
    if (transport != null) {
      conversation.onRefused(id, ProblemType.NOT_FOUND, "Invalid namespace");
    } else {
      DuplexTransport to = engine();
      to.pauseReading();
      write(to, SocketIoCodec.invalidNamespace(id), _ -> to.resumeReading());
    }
  }

  private static void write(DuplexTransport to, String packet, WriteCallback done) {
    ByteBuffer frame =
        to.encoding()
            .framing()
            .frame(ByteBuffer.wrap(packet.getBytes(StandardCharsets.UTF_8)))
            .duplicate();
    to.write(new ByteBuffer[] {frame}, done);
  }

  private void leave() {
    if (transport == null) {
      engine().close(CloseReason.NORMAL);
    } else {
      conversation.onLeave();
    }
  }

  @Override
  public boolean onPacket() {
    if (conversation.onSignOfLife()) {
      return true;
    }
    DuplexTransport opened = engine;
    if (transport == null && opened != null) {
      opened.close(CloseReason.TOO_MANY);
    }
    return false;
  }

  @Override
  public boolean onPong(int number) {
    return transport == null || conversation.onPong(number);
  }

  @Override
  public void onMalformed(CloseReason reason, String rule) {
    conversation.onMalformed(reason, rule);
    if (transport == null) {
      engine().close(reason);
    }
  }

  @Override
  public void onUpgrade() {
    conversation.onTransportChanged();
  }

  // Connecting ------------------------------------------------------------------------------------

  private void connect(SocketIoPacket packet) throws SocketIoPacket.Malformed {
    LateAdmission waiting = admission;
    if (transport != null || asked != null || waiting == null) {
      throw new SocketIoPacket.Malformed("a second CONNECT");
    }
    ConnectRequest request;
    try {
      request = ConnectRequest.of(packet.members());
    } catch (InvalidRequestException e) {
      refuse(ProblemType.INVALID_REQUEST, e.detail(), CloseReason.FORBIDDEN);
      return;
    }
    asked = request;
    await(
        waiting
            .identify(request.token())
            .thenCompose(
                _ -> {
                  CompletableFuture<Void> begun = beginning;
                  return begun == null ? DONE : begun;
                }));
  }

  @Override
  public void admitted(Identity identity) {
    ConnectRequest request = asked;
    if (request == null) {
      throw new IllegalStateException("admitted without CONNECT");
    }
    String privateId = request.positions() == null ? request.privateId() : null;
    CompletableFuture<Void> begun =
        (privateId == null
                ? CompletableFuture.<@Nullable KeptSession>completedFuture(null)
                : Background.attempt(() -> context.take(privateId)))
            .handle(
                (kept, failure) -> {
                  if (failure != null) {
                    log.debug("A session cannot be recovered now", failure);
                  }
                  begin(identity, request, kept);
                  return null;
                });
    beginning = begun.isDone() ? null : begun;
    admission = null;
  }

  private void begin(Identity identity, ConnectRequest request, @Nullable KeptSession kept) {
    DuplexTransport opened = engine();
    try {
      boolean own = kept != null && Objects.equals(kept.user(), identity.user());
      Start start =
          Start.of(
              identity,
              request,
              own ? kept : null,
              context.maxSubscriptions(),
              context.clock().instant());
      var begun = new SocketIoTransport(opened, context, start, request);
      transport = begun;
      conversation.begin(begun, identity, start.session());
      for (KeptSession.Followed each : start.resumed()) {
        if (each.rightEnds() != null) {
          conversation.resume(each.channel(), each.position(), each.rightEnds());
        }
      }
    } catch (InvalidRequestException e) {
      refuse(ProblemType.FORBIDDEN, e.detail(), CloseReason.FORBIDDEN);
    } catch (RuntimeException | Error e) {
      log.error("A session could not begin; its connection is closed", e);
      opened.close(CloseReason.FAULT);
    }
    // A session may last for hours, and this holds a token.
    asked = null;
    beginning = null;
  }

  /**
   * A client that is refused for now comes back by itself when its connection ends; one that gets
   * an error stays away.
   */
  @Override
  public void refused(Admission.Refused refused) {
    if (asked == null || refused.closeReason().comeBack()) {
      engine().close(refused.closeReason());
    } else {
      refuse(refused.problem(), refused.detail(), refused.closeReason());
    }
  }

  private void refuse(ProblemType type, String detail, CloseReason reason) {
    String message = type == ProblemType.UNAUTHENTICATED ? "token refused" : type.title();
    DuplexTransport to = engine();
    write(to, SocketIoCodec.refused(message, Problem.of(type, detail)), _ -> to.close(reason));
  }

  // The end ---------------------------------------------------------------------------------------

  @Override
  public void onClosed(CloseReason reason, int code) {
    closed = true;
    List<Subscription> followed = conversation.subscriptions();
    boolean normal = reason == CloseReason.GONE && (code == 1000 || code == 1001);
    conversation.onEnd(normal ? CloseReason.NORMAL : reason);
    LateAdmission unknown = admission;
    if (unknown != null) {
      unknown.onEnd();
    }
    SocketIoTransport ended = transport;
    if (ended != null && reason.comeBack() && !followed.isEmpty()) {
      keep(ended, followed);
    }
  }

  private void keep(SocketIoTransport ended, List<Subscription> followed) {
    String privateId = ended.privateId();
    Identity identity = followed.getFirst().session().identity();
    KeptSession kept =
        privateId == null ? null : KeptSession.of(identity, ended.from(), followed, ended.trail());
    if (privateId != null && kept != null) {
      context.keep(privateId, kept);
    }
  }

  private DuplexTransport engine() {
    DuplexTransport opened = engine;
    if (opened == null) {
      throw new IllegalStateException("used before the opening");
    }
    return opened;
  }
}

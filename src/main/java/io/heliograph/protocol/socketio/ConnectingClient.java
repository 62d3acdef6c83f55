package io.heliograph.protocol.socketio;

import io.heliograph.client.Admission;
import io.heliograph.client.Caller;
import io.heliograph.client.LateAdmission;
import io.heliograph.concurrent.Background;
import io.heliograph.problem.ProblemType;
import io.heliograph.session.CloseReason;
import io.heliograph.session.DuplexTransport;
import io.heliograph.session.Identity;
import io.heliograph.session.ServerEvent.Problem;
import io.heliograph.session.Transport.WriteCallback;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A client that has not connected yet: it says who it is with CONNECT, and what comes before that
 * is bounded by {@link LateAdmission}. Gone when the session has begun, with the token in it.
 */
final class ConnectingClient implements LateAdmission.Newcomer {

  private static final Logger log = LoggerFactory.getLogger(ConnectingClient.class);

  private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

  private final SocketIoContext context;
  private final Caller caller;
  private final SocketIoConversation conversation;

  private volatile @Nullable DuplexTransport engine;
  private volatile @Nullable LateAdmission admission;
  private volatile boolean ended;

  /** Null before CONNECT. */
  private volatile @Nullable ConnectRequest asked;

  /** Done when the session has begun; null before the client was admitted. */
  private volatile @Nullable CompletableFuture<Void> beginning;

  ConnectingClient(SocketIoContext context, Caller caller, SocketIoConversation conversation) {
    this.context = context;
    this.caller = caller;
    this.conversation = conversation;
  }

  void open(DuplexTransport session) {
    engine = session;
    LateAdmission opened = context.admissions().open(caller, this);
    admission = opened;
    if (ended) {
      // The connection ended meanwhile, and could not give the place back.
      opened.onEnd();
    }
  }

  DuplexTransport engine() {
    return Objects.requireNonNull(engine, "used before the opening");
  }

  void close(CloseReason reason) {
    engine().close(reason);
  }

  void end() {
    ended = true;
    LateAdmission opened = admission;
    if (opened != null) {
      opened.onEnd();
    }
  }

  /**
   * @return done when the session has begun, or the client is refused; it never fails
   */
  CompletableFuture<Void> connect(SocketIoPacket packet) throws SocketIoPacket.Malformed {
    LateAdmission opened = admission;
    if (asked != null || opened == null) {
      throw new SocketIoPacket.Malformed("a client connects once");
    }
    ConnectRequest request;
    try {
      request = ConnectRequest.of(packet.members());
    } catch (InvalidRequestException e) {
      refuse(ProblemType.INVALID_REQUEST, e.detail(), CloseReason.FORBIDDEN);
      return DONE;
    }
    asked = request;
    return opened
        .identify(request.token())
        .thenCompose(_ -> beginning == null ? DONE : Objects.requireNonNull(beginning));
  }

  @Override
  public void admitted(Identity identity) {
    ConnectRequest request = Objects.requireNonNull(asked, "admitted without CONNECT");
    String privateId = request.privateId();
    beginning =
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
  }

  private void begin(Identity identity, ConnectRequest request, @Nullable KeptSession kept) {
    try {
      boolean own = kept != null && Objects.equals(kept.user(), identity.user());
      Start start =
          Start.of(
              identity,
              request,
              own ? kept : null,
              context.maxSubscriptions(),
              context.clock().instant());
      conversation.begin(new SocketIoTransport(engine(), context, start, request), identity, start);
    } catch (InvalidRequestException e) {
      refuse(ProblemType.FORBIDDEN, e.detail(), CloseReason.FORBIDDEN);
    } catch (RuntimeException | Error e) {
      log.error("A session could not begin; its connection is closed", e);
      close(CloseReason.FAULT);
    }
  }

  /**
   * A client that is refused for now comes back by itself when its connection ends; one that gets
   * an error stays away.
   */
  @Override
  public void refused(Admission.Refused refused) {
    if (asked == null || refused.closeReason().comeBack()) {
      close(refused.closeReason());
    } else {
      refuse(refused.problem(), refused.detail(), refused.closeReason());
    }
  }

  @Override
  public boolean hasEnded() {
    return engine().hasEnded();
  }

  private void refuse(ProblemType type, String detail, CloseReason reason) {
    String message = type == ProblemType.UNAUTHENTICATED ? "token refused" : type.title();
    write(SocketIoCodec.refused(message, Problem.of(type, detail)), _ -> close(reason));
  }

  /** The next packet waits until this was written: there is one write at a time. */
  void refuseNamespace(String id) {
    DuplexTransport reading = engine();
    reading.pauseReading();
    write(SocketIoCodec.invalidNamespace(id), _ -> reading.resumeReading());
  }

  private void write(String packet, WriteCallback done) {
    DuplexTransport to = engine();
    ByteBuffer payload = ByteBuffer.wrap(packet.getBytes(StandardCharsets.UTF_8));
    to.write(new ByteBuffer[] {to.encoding().framing().frame(payload).duplicate()}, done);
  }
}

package io.heliograph.protocol.socketio;

import io.heliograph.client.Admission;
import io.heliograph.client.Caller;
import io.heliograph.problem.ProblemType;
import io.heliograph.server.HandshakeOutcome;
import io.heliograph.transport.engineio.EngineGate;
import io.heliograph.web.BearerToken;
import io.heliograph.web.ClientAddress;
import io.heliograph.web.OriginPolicy;
import jakarta.servlet.http.HttpServletRequest;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Who may open an Engine.IO session: as far as can be known before the client says who it is, with
 * CONNECT or in the handshake's {@code Authorization: Bearer}.
 */
final class SocketIoGate implements EngineGate {

  private static final Logger log = LoggerFactory.getLogger(SocketIoGate.class);

  private final SocketIoContext context;
  private final Admission admission;
  private final OriginPolicy origins;

  SocketIoGate(SocketIoContext context, Admission admission, OriginPolicy origins) {
    this.context = context;
    this.admission = admission;
    this.origins = origins;
  }

  @Override
  public Decision open(HttpServletRequest request) {
    var caller =
        new Caller(ClientAddress.of(request), origins.judge(request), BearerToken.of(request));
    Admission.Refused refused = admission.mayOpen(caller);
    return refused == null
        ? new Admitted(new SocketIoConversation(context, caller))
        : refused(refused);
  }

  @Override
  public @Nullable Refused further(HttpServletRequest request) {
    // A drain must not keep a client from fetching what waits for it.
    return switch (origins.judge(request)) {
      case NO_ORIGIN, OWN, ALLOWED -> null;
      case FOREIGN -> new Refused(HandshakeOutcome.ORIGIN, Admission.FOREIGN_PAGE, null);
      case WRONG_HOST ->
          new Refused(HandshakeOutcome.HOST, ProblemType.WRONG_HOST.description(), null);
    };
  }

  private static Refused refused(Admission.Refused refused) {
    HandshakeOutcome outcome = HandshakeOutcome.of(refused.problem());
    log.info("Handshake refused: {}", outcome.tag());
    return new Refused(outcome, refused.detail(), refused.retryAfter());
  }
}

package io.heliograph.transport.engineio;

import io.heliograph.server.HandshakeOutcome;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Decides which requests may open a session, and makes what receives its packets. */
public interface EngineGate {

  /** Must take nothing that needs giving back: the connection may be lost before the opening. */
  Decision open(HttpServletRequest request);

  /**
   * A further request that names a session, which no other client can know.
   *
   * @return null when it may be handled
   */
  @Nullable Refused further(HttpServletRequest request);

  /** The result. */
  sealed interface Decision {}

  record Admitted(EngineListener listener) implements Decision {}

  /**
   * @param detail for the client; holds no secret
   * @param retryAfter null: another attempt changes nothing
   */
  record Refused(HandshakeOutcome outcome, String detail, @Nullable Duration retryAfter)
      implements Decision {}
}

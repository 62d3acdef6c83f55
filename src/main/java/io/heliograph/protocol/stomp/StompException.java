package io.heliograph.protocol.stomp;

import io.heliograph.problem.ProblemType;
import io.heliograph.session.CloseReason;
import io.heliograph.session.ServerEvent.Problem;
import org.jspecify.annotations.Nullable;

/** What a client sent ends its connection: it gets an {@code ERROR} and is closed. */
final class StompException extends Exception {

  private static final long serialVersionUID = 1L;

  private final CloseReason reason;
  private final transient Problem problem;

  private StompException(CloseReason reason, ProblemType type, String message, String detail) {
    super(message, null, false, false);
    this.reason = reason;
    this.problem = Problem.of(type, detail);
  }

  /**
   * It is no frame, or not the right one.
   *
   * @param rule what it breaks; never what was sent, which may hold a token
   */
  static StompException malformed(String rule) {
    return new StompException(
        CloseReason.BAD_FRAME, ProblemType.INVALID_REQUEST, "invalid frame", rule);
  }

  static StompException tooBig(String detail) {
    return new StompException(
        CloseReason.TOO_BIG, ProblemType.PAYLOAD_TOO_LARGE, "frame too large", detail);
  }

  static StompException forbidden(String message, String detail) {
    return new StompException(CloseReason.FORBIDDEN, ProblemType.FORBIDDEN, message, detail);
  }

  CloseReason reason() {
    return reason;
  }

  /** For the {@code ERROR}. */
  StompError error(@Nullable String receipt) {
    return new StompError(String.valueOf(getMessage()), problem, receipt);
  }

  String detail() {
    return String.valueOf(problem.detail());
  }
}

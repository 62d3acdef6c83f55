package io.heliograph.server;

import io.heliograph.problem.ProblemType;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Every way in which a handshake ends: its tag in {@code heliograph.handshakes}, and what the
 * client is told.
 */
public enum HandshakeOutcome {
  ACCEPTED(null, "accepted"),
  METHOD(ProblemType.METHOD_NOT_ALLOWED, "a WebSocket handshake is a GET"),
  HTTP_VERSION(ProblemType.INVALID_REQUEST, "a WebSocket handshake is HTTP/1.1"),
  UPGRADE(ProblemType.UPGRADE_REQUIRED, "only WebSocket connections here"),
  CONNECTION(ProblemType.INVALID_REQUEST, "Connection lacks Upgrade"),
  VERSION(ProblemType.UPGRADE_REQUIRED, "only WebSocket version 13"),
  KEY(ProblemType.INVALID_REQUEST, "Sec-WebSocket-Key is not 16 bytes in base64"),
  BODY(ProblemType.INVALID_REQUEST, "a WebSocket handshake has no body"),
  HOST(ProblemType.WRONG_HOST, "the Host is none of this service's names"),
  ORIGIN(ProblemType.ORIGIN_NOT_ALLOWED, "pages of this origin may not connect"),
  /** Answered 401, or by a page's socket that is opened and closed with 4401. */
  UNAUTHORIZED(ProblemType.UNAUTHENTICATED, "the token is refused, or one is needed"),
  FORBIDDEN(ProblemType.FORBIDDEN, "forbidden"),
  TOO_MANY(ProblemType.RATE_LIMITED, "too many connections"),
  UNAVAILABLE(ProblemType.UNAVAILABLE, "not now"),
  /**
   * Too many wait already, see {@link HandshakeQueue}: counted, but no line of the log for each.
   */
  SHED(ProblemType.UNAVAILABLE, "too many browsers come at once"),
  FAULT(ProblemType.INTERNAL_ERROR, "a fault here"),
  /** The request head did not arrive in time: cut, not answered. */
  SLOW(null, "too slow"),
  /** Too many connections of one address without a complete request: cut, not answered. */
  HALF_OPEN(null, "too many half-open connections");

  /**
   * The handshake attribute with what an upgrade is counted as where that is not {@link #ACCEPTED}.
   */
  public static final String ATTRIBUTE = HandshakeOutcome.class.getName();

  private final @Nullable ProblemType problem;
  private final String detail;

  HandshakeOutcome(@Nullable ProblemType problem, String detail) {
    this.problem = problem;
    this.detail = detail;
  }

  /** What the client is told; null when this is not answered with a problem. */
  public @Nullable ProblemType problem() {
    return problem;
  }

  /** What is told where nothing more precise is known. */
  String detail() {
    return detail;
  }

  /** For the {@code outcome} tag. */
  public String tag() {
    return name().toLowerCase(Locale.ROOT);
  }
}

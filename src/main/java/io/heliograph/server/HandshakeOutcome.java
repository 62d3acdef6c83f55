package io.heliograph.server;

import io.heliograph.problem.ProblemType;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * The outcomes of a WebSocket handshake: the tag in {@code heliograph.handshakes}, and the problem
 * type and detail of the answer.
 */
public enum HandshakeOutcome {
  ACCEPTED(null, "accepted"),
  METHOD(ProblemType.METHOD_NOT_ALLOWED, "A WebSocket handshake has to be a GET."),
  HTTP_VERSION(ProblemType.INVALID_REQUEST, "A WebSocket handshake has to be HTTP/1.1."),
  UPGRADE(
      ProblemType.UPGRADE_REQUIRED,
      "The Upgrade header is missing or not websocket; this address takes only WebSocket"
          + " handshakes."),
  CONNECTION(
      ProblemType.INVALID_REQUEST,
      "The Connection header does not contain Upgrade; a proxy in between may have removed it."),
  VERSION(ProblemType.UPGRADE_REQUIRED, "Sec-WebSocket-Version is missing or not 13."),
  KEY(ProblemType.INVALID_REQUEST, "Sec-WebSocket-Key has to be 16 bytes in base64."),
  BODY(ProblemType.INVALID_REQUEST, "A WebSocket handshake must not have a body."),
  HOST(
      ProblemType.WRONG_HOST,
      "The Host header is not a name of this service; heliograph.server.hosts lists its names."),
  ORIGIN(
      ProblemType.ORIGIN_NOT_ALLOWED,
      "Pages of this origin may not connect; heliograph.websocket.allowed-origins lists those that"
          + " may."),
  /** Answered 401, or, to a browser, by opening the WebSocket and closing it with 4401. */
  UNAUTHORIZED(ProblemType.UNAUTHENTICATED, "The token is missing or was refused."),
  FORBIDDEN(ProblemType.FORBIDDEN, "The client may not connect."),
  TOO_MANY(
      ProblemType.RATE_LIMITED, "Too many connections; connect again after Retry-After seconds."),
  UNAVAILABLE(
      ProblemType.UNAVAILABLE,
      "The node takes no connections now; connect again after Retry-After seconds."),
  /** The queue is full, see {@link HandshakeQueue}: counted, but not logged each time. */
  SHED(
      ProblemType.UNAVAILABLE,
      "Too many handshakes at once; connect again after Retry-After seconds."),
  FAULT(ProblemType.INTERNAL_ERROR, "The server failed; its log has the cause."),
  /** The request head did not arrive in time: the connection is closed without an answer. */
  SLOW(null, "The request head did not arrive in time."),
  /**
   * Too many connections of one address without a complete request: the connection is closed
   * without an answer.
   */
  HALF_OPEN(null, "Too many connections of one address without a complete request.");

  /**
   * The handshake attribute with the outcome to count for an upgrade that is not {@link #ACCEPTED}.
   */
  public static final String ATTRIBUTE = HandshakeOutcome.class.getName();

  private final @Nullable ProblemType problem;
  private final String detail;

  HandshakeOutcome(@Nullable ProblemType problem, String detail) {
    this.problem = problem;
    this.detail = detail;
  }

  /** The outcome of a request for a session that is refused with this problem. */
  public static HandshakeOutcome of(ProblemType refusal) {
    return switch (refusal) {
      case WRONG_HOST -> HOST;
      case ORIGIN_NOT_ALLOWED -> ORIGIN;
      case UNAUTHENTICATED -> UNAUTHORIZED;
      case RATE_LIMITED -> TOO_MANY;
      default -> UNAVAILABLE;
    };
  }

  /** The type of the answer; null when the outcome is not answered with a problem. */
  public @Nullable ProblemType problem() {
    return problem;
  }

  /** The detail of an answer when nothing more specific is known. */
  String detail() {
    return detail;
  }

  /** The value of the {@code outcome} tag. */
  public String tag() {
    return name().toLowerCase(Locale.ROOT);
  }
}

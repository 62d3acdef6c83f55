package io.heliograph.websocket;

import java.util.Locale;
import org.springframework.http.HttpStatus;

/**
 * Every way in which a handshake ends: its tag in {@code heliograph.handshakes}, status, and title.
 */
public enum HandshakeOutcome {
  ACCEPTED(HttpStatus.SWITCHING_PROTOCOLS, "Accepted"),
  METHOD(HttpStatus.METHOD_NOT_ALLOWED, "A WebSocket handshake is a GET"),
  HTTP_VERSION(HttpStatus.BAD_REQUEST, "A WebSocket handshake is HTTP/1.1"),
  UPGRADE(HttpStatus.UPGRADE_REQUIRED, "Only WebSocket connections here"),
  CONNECTION(HttpStatus.BAD_REQUEST, "Connection lacks Upgrade"),
  VERSION(HttpStatus.UPGRADE_REQUIRED, "Only WebSocket version 13"),
  KEY(HttpStatus.BAD_REQUEST, "Sec-WebSocket-Key is not 16 bytes in base64"),
  BODY(HttpStatus.BAD_REQUEST, "A WebSocket handshake has no body"),
  ORIGIN(HttpStatus.FORBIDDEN, "Origin not allowed"),
  UNAUTHORIZED(HttpStatus.UNAUTHORIZED, "Token refused"),
  FORBIDDEN(HttpStatus.FORBIDDEN, "Forbidden"),
  TOO_MANY(HttpStatus.TOO_MANY_REQUESTS, "Too many"),
  UNAVAILABLE(HttpStatus.SERVICE_UNAVAILABLE, "Not now"),
  FAULT(HttpStatus.INTERNAL_SERVER_ERROR, "Fault"),
  /** The request head did not arrive in time: cut, not answered. */
  SLOW(HttpStatus.REQUEST_TIMEOUT, "Too slow"),
  /** Too many connections of one address without a complete request: cut, not answered. */
  HALF_OPEN(HttpStatus.TOO_MANY_REQUESTS, "Too many half-open connections");

  private final HttpStatus status;
  private final String title;

  HandshakeOutcome(HttpStatus status, String title) {
    this.status = status;
    this.title = title;
  }

  public HttpStatus status() {
    return status;
  }

  public String title() {
    return title;
  }

  /** For the {@code outcome} tag. */
  public String tag() {
    return name().toLowerCase(Locale.ROOT);
  }
}

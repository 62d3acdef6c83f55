package io.heliograph.transport.websocket;

import io.heliograph.server.HandshakeOutcome;
import io.heliograph.server.HandshakeResponses;
import java.io.IOException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.web.socket.WebSocketHandler;
import org.springframework.web.socket.WebSocketHttpHeaders;
import org.springframework.web.socket.server.HandshakeInterceptor;

/**
 * Refuses what is no WebSocket handshake (RFC 6455 section 4.2.1), before the endpoint's own
 * interceptors decide who may connect. Spring's handler checks less and answers without a body;
 * Jetty has refused requests without a Host, with two, and with oversized headers before this (400,
 * 431).
 */
final class HandshakeValidator implements HandshakeInterceptor {

  private final HandshakeResponses handshakes;

  HandshakeValidator(HandshakeResponses handshakes) {
    this.handshakes = handshakes;
  }

  @Override
  public boolean beforeHandshake(
      ServerHttpRequest request,
      ServerHttpResponse response,
      WebSocketHandler handler,
      Map<String, Object> attributes)
      throws IOException {
    HandshakeOutcome outcome = judge(request);
    switch (outcome) {
      case ACCEPTED -> {
        // Spring's handler, which comes next, takes two spellings only; any is right.
        request.getHeaders().set(HttpHeaders.CONNECTION, "Upgrade");
        return true;
      }
      case METHOD -> response.getHeaders().setAllow(Set.of(HttpMethod.GET));
      case UPGRADE -> {
        response.getHeaders().set(HttpHeaders.UPGRADE, "websocket");
        response.getHeaders().set(HttpHeaders.CONNECTION, "Upgrade");
      }
      case VERSION -> response.getHeaders().set(WebSocketHttpHeaders.SEC_WEBSOCKET_VERSION, "13");
      default -> {}
    }
    return handshakes.refuse(response, outcome, null);
  }

  private HandshakeOutcome judge(ServerHttpRequest request) {
    HttpHeaders headers = request.getHeaders();
    if (!HttpMethod.GET.equals(request.getMethod())) {
      return HandshakeOutcome.METHOD;
    }
    if (!"HTTP/1.1"
        .equals(((ServletServerHttpRequest) request).getServletRequest().getProtocol())) {
      return HandshakeOutcome.HTTP_VERSION;
    }
    if (!tokens(headers, HttpHeaders.UPGRADE).anyMatch("websocket"::equalsIgnoreCase)) {
      return HandshakeOutcome.UPGRADE;
    }
    if (!tokens(headers, HttpHeaders.CONNECTION).anyMatch("upgrade"::equalsIgnoreCase)) {
      return HandshakeOutcome.CONNECTION;
    }
    if (!"13".equals(only(headers, WebSocketHttpHeaders.SEC_WEBSOCKET_VERSION))) {
      return HandshakeOutcome.VERSION;
    }
    if (!isKey(only(headers, WebSocketHttpHeaders.SEC_WEBSOCKET_KEY))) {
      return HandshakeOutcome.KEY;
    }
    if (headers.getContentLength() > 0 || headers.getFirst(HttpHeaders.TRANSFER_ENCODING) != null) {
      return HandshakeOutcome.BODY;
    }
    return HandshakeOutcome.ACCEPTED;
  }

  static boolean isKey(@Nullable String key) {
    if (key == null || key.length() != 24) {
      return false;
    }
    try {
      return Base64.getDecoder().decode(key).length == 16;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }

  /** The value of a header that may come once; null when it is missing or repeated. */
  private static @Nullable String only(HttpHeaders headers, String name) {
    List<String> values = headers.getOrEmpty(name);
    return values.size() == 1 ? values.getFirst().trim() : null;
  }

  private static Stream<String> tokens(HttpHeaders headers, String name) {
    return headers.getOrEmpty(name).stream()
        .flatMap(value -> Stream.of(value.split(",", -1)))
        .map(String::trim);
  }

  @Override
  public void afterHandshake(
      ServerHttpRequest request,
      ServerHttpResponse response,
      WebSocketHandler handler,
      @Nullable Exception failure) {}
}

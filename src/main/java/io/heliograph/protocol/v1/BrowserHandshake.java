package io.heliograph.protocol.v1;

import io.heliograph.hub.ConnectionLimits;
import io.heliograph.hub.Drain;
import io.heliograph.security.ApiKeys;
import io.heliograph.security.BrowserToken;
import io.heliograph.security.BrowserTokens;
import io.heliograph.security.Verification;
import io.heliograph.server.HandshakeOutcome;
import io.heliograph.server.HandshakeResponses;
import io.heliograph.session.Identity;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.web.socket.WebSocketHandler;
import org.springframework.web.socket.server.HandshakeInterceptor;

/**
 * Finds out who a browser is before its line opens: by {@code Authorization: Bearer}, or by a
 * {@code bearer.<token>} among the sub-protocols, since a page can set no header. Never by the URL,
 * which ends up in logs.
 */
final class BrowserHandshake implements HandshakeInterceptor {

  static final String IDENTITY = Identity.class.getName();

  private static final String BEARER = "Bearer ";
  private static final String ENTRY = "bearer.";

  private final BrowserTokens tokens;
  private final ApiKeys apiKeys;
  private final boolean anonymous;
  private final ConnectionLimits limits;
  private final Drain drain;
  private final HandshakeResponses handshakes;

  BrowserHandshake(
      BrowserTokens tokens,
      ApiKeys apiKeys,
      boolean anonymous,
      ConnectionLimits limits,
      Drain drain,
      HandshakeResponses handshakes) {
    this.tokens = tokens;
    this.apiKeys = apiKeys;
    this.anonymous = anonymous;
    this.limits = limits;
    this.drain = drain;
    this.handshakes = handshakes;
  }

  /**
   * Without an Origin it is no browser; then it has to show a token or key, which is looked at
   * later.
   */
  static boolean showsToken(ServerHttpRequest request) {
    return token(request.getHeaders()) != null;
  }

  @Override
  public boolean beforeHandshake(
      ServerHttpRequest request,
      ServerHttpResponse response,
      WebSocketHandler handler,
      Map<String, Object> attributes)
      throws IOException {
    if (drain.isDraining()) {
      return later(response, HandshakeOutcome.UNAVAILABLE, "this node is going away");
    }
    switch (limits.look(request.getRemoteAddress().getAddress().getHostAddress())) {
      case NODE_FULL -> {
        return later(response, HandshakeOutcome.UNAVAILABLE, "this node is full");
      }
      case ADDRESS_FULL -> {
        return later(response, HandshakeOutcome.TOO_MANY, "too many connections from one address");
      }
      case FREE -> {}
    }
    String token = token(request.getHeaders());
    Verification verification = token == null ? null : tokens.verify(token);
    if (verification instanceof Verification.Refused(Verification.Reason why)
        && why == Verification.Reason.USE_UNKNOWN) {
      // Not the token's fault: to the same browser it may be good in a moment.
      return later(response, HandshakeOutcome.UNAVAILABLE, "the token cannot be checked now");
    }
    Identity identity =
        token == null || verification == null ? Identity.ANONYMOUS : identify(token, verification);
    if (identity == null || (token == null && !anonymous)) {
      response.getHeaders().set(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
      return handshakes.refuse(response, HandshakeOutcome.UNAUTHORIZED, null);
    }
    attributes.put(IDENTITY, identity);
    return true;
  }

  private boolean later(ServerHttpResponse response, HandshakeOutcome outcome, String detail)
      throws IOException {
    response.getHeaders().set(HttpHeaders.RETRY_AFTER, "5");
    return handshakes.refuse(response, outcome, detail);
  }

  private @Nullable Identity identify(String token, Verification verification) {
    return switch (verification) {
      case Verification.Accepted(BrowserToken accepted) -> identity(accepted);
      // A backend's own probe: nobody in particular, but not a stranger.
      case Verification.Refused _ -> apiKeys.find(token) == null ? null : Identity.ANONYMOUS;
    };
  }

  static Identity identity(BrowserToken token) {
    return new Identity(token.user(), token.channels(), token.expiresAt());
  }

  private static @Nullable String token(HttpHeaders headers) {
    String authorization = headers.getFirst(HttpHeaders.AUTHORIZATION);
    if (authorization != null) {
      // Any other scheme is a token that is refused rather than none at all.
      return authorization.regionMatches(true, 0, BEARER, 0, BEARER.length())
          ? authorization.substring(BEARER.length()).strip()
          : "";
    }
    List<String> lists = headers.getOrEmpty("Sec-WebSocket-Protocol");
    for (String list : lists) {
      for (String entry : list.split(",", -1)) {
        if (entry.strip().startsWith(ENTRY)) {
          return entry.strip().substring(ENTRY.length());
        }
      }
    }
    return null;
  }

  @Override
  public void afterHandshake(
      ServerHttpRequest request,
      ServerHttpResponse response,
      WebSocketHandler handler,
      @Nullable Exception exception) {}
}

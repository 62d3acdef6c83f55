package io.heliograph.transport.websocket;

import io.heliograph.client.Admission;
import io.heliograph.client.Caller;
import io.heliograph.server.HandshakeOutcome;
import io.heliograph.server.HandshakeResponses;
import io.heliograph.web.BearerToken;
import io.heliograph.web.ClientAddress;
import io.heliograph.web.OriginPolicy;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.util.Collections;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.http.server.ServletServerHttpRequest;

/**
 * What a handshake shows of its caller, and the answer to one that {@link Admission} refuses. The
 * token comes as a {@code bearer.<token>} among the sub-protocols, since a page can set no header,
 * or as {@code Authorization: Bearer}. Never in the URL, which ends up in logs.
 */
public final class CallerHandshake {

  private static final String ENTRY = "bearer.";

  private final OriginPolicy origins;
  private final HandshakeResponses handshakes;

  public CallerHandshake(OriginPolicy origins, HandshakeResponses handshakes) {
    this.origins = origins;
    this.handshakes = handshakes;
  }

  public Caller caller(ServerHttpRequest request) {
    HttpServletRequest servletRequest = ((ServletServerHttpRequest) request).getServletRequest();
    return new Caller(
        ClientAddress.of(servletRequest), origins.judge(servletRequest), token(servletRequest));
  }

  /** The page's own token first: what is in {@code Authorization} may be a proxy's. */
  private static @Nullable String token(HttpServletRequest request) {
    for (String list : Collections.list(request.getHeaders("Sec-WebSocket-Protocol"))) {
      for (String entry : list.split(",", -1)) {
        if (entry.strip().startsWith(ENTRY)) {
          return entry.strip().substring(ENTRY.length());
        }
      }
    }
    return BearerToken.of(request);
  }

  /**
   * @return false, what an interceptor returns to stop the handshake
   */
  public boolean refuse(ServerHttpResponse response, Admission.Refused refused) throws IOException {
    if (refused.retryAfter() != null) {
      response
          .getHeaders()
          .set(HttpHeaders.RETRY_AFTER, Long.toString(refused.retryAfter().toSeconds()));
    }
    HandshakeOutcome outcome = HandshakeOutcome.of(refused.problem());
    if (outcome == HandshakeOutcome.UNAUTHORIZED) {
      response.getHeaders().set(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
    }
    return handshakes.refuse(response, outcome, refused.detail());
  }
}

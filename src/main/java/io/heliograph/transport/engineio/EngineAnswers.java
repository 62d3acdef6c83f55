package io.heliograph.transport.engineio;

import io.heliograph.message.Ids;
import io.heliograph.problem.ProblemType;
import io.heliograph.server.HandshakeOutcome;
import io.heliograph.server.HandshakeResponses;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.springframework.http.HttpHeaders;
import tools.jackson.databind.json.JsonMapper;

/** What requests of Engine.IO are answered with: packets, and refusals as its clients read them. */
final class EngineAnswers {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final HandshakeResponses handshakes;

  EngineAnswers(HandshakeResponses handshakes) {
    this.handshakes = handshakes;
  }

  /** The packet that opens a session. */
  static String open(String sid, EngineLimits limits, boolean mayUpgrade) {
    Map<String, Object> handshake = new LinkedHashMap<>();
    handshake.put("sid", sid);
    handshake.put("upgrades", mayUpgrade ? List.of(EngineRequest.WEBSOCKET) : List.of());
    handshake.put("pingInterval", limits.pingInterval().toMillis());
    handshake.put("pingTimeout", limits.pingTimeout().toMillis());
    handshake.put("maxPayload", limits.maxPayload());
    return "0" + JSON.writeValueAsString(handshake);
  }

  static String newId() {
    return Ids.random128();
  }

  /** Status and headers of an answer with packets, or of {@code ok}. */
  static void begin(HttpServletResponse response) {
    response.setStatus(HttpServletResponse.SC_OK);
    response.setContentType("text/plain; charset=UTF-8");
    response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    response.setHeader("X-Content-Type-Options", "nosniff");
  }

  static void write(HttpServletResponse response, String text) throws IOException {
    write(response, ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
  }

  /** A whole answer, which has been handed to the network when this returns. */
  static void write(HttpServletResponse response, ByteBuffer body) throws IOException {
    begin(response);
    response.setContentLength(body.remaining());
    byte[] bytes = new byte[body.remaining()];
    body.get(bytes);
    response.getOutputStream().write(bytes);
    response.flushBuffer();
  }

  static void refuse(HttpServletResponse response, EngineError error) throws IOException {
    refuse(response, HttpServletResponse.SC_BAD_REQUEST, error, error.message());
  }

  static void refuse(HttpServletResponse response, int status, EngineError error, String message)
      throws IOException {
    Map<String, Object> refusal = new LinkedHashMap<>();
    refusal.put("code", error.code());
    refusal.put("message", message);
    byte[] body = JSON.writeValueAsBytes(refusal);
    response.setStatus(status);
    response.setContentType("application/json");
    response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }

  /** A handshake that breaks the rules of Engine.IO; counted. */
  void refuseHandshake(HttpServletResponse response, EngineError error) throws IOException {
    handshakes.count(
        error == EngineError.UNSUPPORTED_VERSION
            ? HandshakeOutcome.VERSION
            : HandshakeOutcome.UPGRADE);
    refuse(response, error);
  }

  /** A handshake of a client that may not connect, or not now; counted. */
  void refuseHandshake(HttpServletResponse response, EngineGate.Refused refused)
      throws IOException {
    handshakes.count(refused.outcome());
    Duration retryAfter = refused.retryAfter();
    if (retryAfter != null) {
      response.setHeader(HttpHeaders.RETRY_AFTER, Long.toString(retryAfter.toSeconds()));
    }
    ProblemType problem = refused.outcome().problem();
    refuse(
        response,
        problem == null ? HttpServletResponse.SC_FORBIDDEN : problem.status(),
        EngineError.FORBIDDEN,
        refused.detail());
  }

  void accepted() {
    handshakes.count(HandshakeOutcome.ACCEPTED);
  }
}

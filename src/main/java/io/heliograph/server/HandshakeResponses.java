package io.heliograph.server;

import io.heliograph.message.Ids;
import io.heliograph.problem.Problem;
import io.heliograph.problem.ProblemType;
import io.heliograph.web.RequestId;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.EnumMap;
import java.util.Map;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.MediaType;
import org.springframework.http.server.ServerHttpResponse;
import tools.jackson.databind.json.JsonMapper;

/**
 * Counts the outcomes of handshakes, and answers and logs refusals. A handshake is whatever asks
 * for a session; what fails before its path is known counts as that of a WebSocket.
 */
public final class HandshakeResponses {

  private static final Logger log = LoggerFactory.getLogger(HandshakeResponses.class);
  private static final JsonMapper JSON = JsonMapper.builder().build();

  private final Map<HandshakeOutcome, Counter> countersByOutcome =
      new EnumMap<>(HandshakeOutcome.class);

  private final MeterRegistry meters;

  public HandshakeResponses(MeterRegistry meters) {
    this(meters, "heliograph", "websocket");
  }

  private HandshakeResponses(MeterRegistry meters, String protocol, String transport) {
    this.meters = meters;
    for (HandshakeOutcome outcome : HandshakeOutcome.values()) {
      countersByOutcome.put(
          outcome,
          Counter.builder("heliograph.handshakes")
              .description("Handshakes by outcome")
              .tag("protocol", protocol)
              .tag("transport", transport)
              .tag("outcome", outcome.tag())
              .register(meters));
    }
  }

  /** For handshakes of another protocol or transport, which are tags of the counter. */
  public HandshakeResponses of(String protocol, String transport) {
    return new HandshakeResponses(meters, protocol, transport);
  }

  /**
   * Answers a refusal as a problem, counts and logs it.
   *
   * @param detail for the client, without secrets; null: the detail of the outcome
   * @return false, what an interceptor returns to stop the handshake
   */
  public boolean refuse(
      ServerHttpResponse response, HandshakeOutcome outcome, @Nullable String detail)
      throws IOException {
    count(outcome);
    // Contains nothing that the client sent, so that clients cannot forge log lines.
    log.info("Handshake refused: {}", outcome.tag());
    Problem problem = problem(outcome, detail, RequestId.instance(response.getHeaders()));
    byte[] body = JSON.writeValueAsBytes(problem);
    response.setStatusCode(HttpStatusCode.valueOf(problem.status()));
    response.getHeaders().setContentType(MediaType.APPLICATION_PROBLEM_JSON);
    response.getHeaders().setContentLength(body.length);
    // A header of all answers; this one is written before the filter that adds it.
    response.getHeaders().set("X-Content-Type-Options", "nosniff");
    response.getHeaders().setCacheControl("no-store");
    response.getBody().write(body);
    return false;
  }

  /**
   * Refuses a handshake before it reaches a servlet and closes its connection, which frees
   * resources for accepted handshakes.
   */
  public void shed(Response response, Callback callback, int retryAfterSeconds) {
    count(HandshakeOutcome.SHED);
    String id = Ids.v7(Instant.now());
    Problem problem = problem(HandshakeOutcome.SHED, null, RequestId.instance(id));
    response.setStatus(problem.status());
    response
        .getHeaders()
        .add(RequestId.HEADER, id)
        .add(new HttpField(HttpHeader.CONTENT_TYPE, MediaType.APPLICATION_PROBLEM_JSON_VALUE))
        .add("X-Content-Type-Options", "nosniff")
        .add(HttpHeader.CACHE_CONTROL, "no-store")
        .add(HttpHeader.CONNECTION, "close")
        .add(HttpHeader.RETRY_AFTER, retryAfterSeconds);
    response.write(true, ByteBuffer.wrap(JSON.writeValueAsBytes(problem)), callback);
  }

  private static Problem problem(
      HandshakeOutcome outcome, @Nullable String detail, String instance) {
    ProblemType type = outcome.problem() == null ? ProblemType.INVALID_REQUEST : outcome.problem();
    return new Problem(type, detail == null ? outcome.detail() : detail, instance);
  }

  public void count(HandshakeOutcome outcome) {
    Counter counter = countersByOutcome.get(outcome);
    if (counter != null) {
      counter.increment();
    }
  }
}

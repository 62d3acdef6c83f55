package io.heliograph.web;

import io.heliograph.message.Ids;
import io.heliograph.problem.Problem;
import io.heliograph.problem.ProblemType;
import io.micrometer.core.instrument.MeterRegistry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.handler.ErrorHandler;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.jetty.servlet.JettyServletWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * Answers requests that Jetty refuses before a servlet is called (bad framing, headers, URIs) with
 * problems.
 */
@Component
class JettyProblems implements WebServerFactoryCustomizer<JettyServletWebServerFactory> {

  private static final Logger log = LoggerFactory.getLogger(JettyProblems.class);

  private final JsonMapper json;
  private final Clock clock;
  private final MeterRegistry meters;

  JettyProblems(JsonMapper json, Clock clock, MeterRegistry meters) {
    this.json = json;
    this.clock = clock;
    this.meters = meters;
  }

  @Override
  public void customize(JettyServletWebServerFactory factory) {
    factory.addServerCustomizers(server -> server.setErrorHandler(new AsProblem()));
  }

  private final class AsProblem extends ErrorHandler {

    @Override
    protected void generateResponse(
        Request request,
        Response response,
        int status,
        @Nullable String message,
        @Nullable Throwable cause,
        Callback callback) {
      response.write(true, body(status, response.getHeaders()), callback);
    }

    @Override
    @SuppressWarnings("removal") // Jetty still calls it when a request could not be parsed
    public ByteBuffer badMessageError(
        int status, @Nullable String reason, HttpFields.Mutable fields) {
      return body(status, fields);
    }

    /** Without Jetty's reason, which quotes the request. */
    private ByteBuffer body(int status, HttpFields.Mutable fields) {
      String id = Ids.v7(clock.instant());
      ProblemType type = ProblemType.ofStatus(status);
      meters.counter("heliograph.requests.refused", "problem", type.slug()).increment();
      // Contains nothing that the client sent, so that clients cannot forge log lines.
      log.info("Malformed request refused: {} ({})", type.slug(), id);
      fields.put(RequestId.HEADER, id);
      fields.put(new HttpField(HttpHeader.CONTENT_TYPE, MediaType.APPLICATION_PROBLEM_JSON_VALUE));
      return ByteBuffer.wrap(
          json.writeValueAsString(
                  new Problem(
                      type, status, type.description(), "urn:uuid:" + id, java.util.Map.of()))
              .getBytes(StandardCharsets.UTF_8));
    }
  }
}

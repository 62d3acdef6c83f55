package io.heliograph.web;

import io.heliograph.problem.Problem;
import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/** Writes a problem as the answer outside controllers: in filters and in the handshake. */
@Component
public class ProblemWriter {

  private final JsonMapper json;

  ProblemWriter(JsonMapper json) {
    this.json = json;
  }

  /** Does nothing when the answer's head was already sent. */
  public void write(
      HttpServletRequest request, HttpServletResponse response, ProblemType type, String detail)
      throws IOException {
    write(response, new Problem(type, detail, RequestId.instance(request)));
  }

  public void write(
      HttpServletRequest request, HttpServletResponse response, ProblemException exception)
      throws IOException {
    exception.headers().forEach((name, values) -> response.setHeader(name, values.getFirst()));
    write(response, exception.problem(RequestId.instance(request)));
  }

  void write(HttpServletResponse response, Problem problem) throws IOException {
    if (response.isCommitted()) {
      return;
    }
    byte[] body = json.writeValueAsBytes(problem);
    response.setStatus(problem.status());
    response.setContentType(MediaType.APPLICATION_PROBLEM_JSON_VALUE);
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }
}

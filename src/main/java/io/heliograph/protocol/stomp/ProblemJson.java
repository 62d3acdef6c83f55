package io.heliograph.protocol.stomp;

import io.heliograph.session.ServerEvent.Problem;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A problem as a JSON body. */
final class ProblemJson {

  private static final JsonMapper JSON = JsonMapper.builder().build();

  private ProblemJson() {}

  static String of(Problem problem) {
    ObjectNode json =
        JSON.createObjectNode()
            .put("type", problem.type())
            .put("title", problem.title())
            .put("status", problem.status());
    if (problem.detail() != null) {
      json.put("detail", problem.detail());
    }
    if (problem.retryAfter() != null) {
      json.put("retryAfterMs", problem.retryAfter().toMillis());
    }
    return json.toString();
  }
}

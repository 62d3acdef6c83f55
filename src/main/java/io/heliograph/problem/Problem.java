package io.heliograph.problem;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonGetter;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.time.Duration;
import java.util.Map;

/**
 * One occurrence of a problem, as it is sent to the caller (RFC 9457 section 3).
 *
 * @param problemType type, title and usual status
 * @param status usually the type's; a library may have chosen a related one
 * @param instance {@code urn:uuid:} and the request's id, which is also in the header {@code
 *     X-Request-Id}
 * @param members extension members of this problem type
 */
@JsonPropertyOrder({"type", "title", "status", "detail", "instance"})
public record Problem(
    @JsonIgnore ProblemType problemType,
    int status,
    String detail,
    String instance,
    @JsonIgnore Map<String, Object> members) {

  public Problem(ProblemType problemType, String detail, String instance) {
    this(problemType, problemType.status(), detail, instance, Map.of());
  }

  @JsonGetter
  public String type() {
    return problemType.uri().toString();
  }

  @JsonGetter
  public String title() {
    return problemType.title();
  }

  @JsonAnyGetter
  Map<String, Object> extensions() {
    return members;
  }

  static long seconds(Duration duration) {
    return Math.max(1, duration.plusMillis(999).toSeconds());
  }
}

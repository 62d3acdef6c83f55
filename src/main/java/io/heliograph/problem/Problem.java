package io.heliograph.problem;

import com.fasterxml.jackson.annotation.JsonAnyGetter;
import com.fasterxml.jackson.annotation.JsonGetter;
import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import java.time.Duration;
import java.util.Map;

/**
 * One occurrence of a problem, as the caller gets it (RFC 9457 section 3).
 *
 * @param problemType says what kind
 * @param status mostly the type's; a library may have chosen a nearby one
 * @param instance {@code urn:uuid:} and the request's id, which is also in the header {@code
 *     X-Request-Id}
 * @param members what this kind says besides
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

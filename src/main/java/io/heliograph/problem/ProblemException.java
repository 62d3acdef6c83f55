package io.heliograph.problem;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/**
 * Ends a request with a problem. It is an expected answer and not a fault, so it has no stack trace
 * and is not logged. The detail is sent to the caller and holds no secret.
 */
public class ProblemException extends RuntimeException {

  private static final Duration BROKER_RETRY = Duration.ofSeconds(1);

  private final ProblemType type;
  private final String detail;
  private final Map<String, Object> members = new LinkedHashMap<>();
  private @Nullable Duration retryAfter;

  public ProblemException(ProblemType type, String detail) {
    this(type, detail, null);
  }

  protected ProblemException(ProblemType type, String detail, @Nullable Throwable cause) {
    super(type.slug() + ": " + detail, cause, false, false);
    this.type = type;
    this.detail = detail;
  }

  /** One wrong field; {@code pointer} is its JSON pointer (RFC 6901), or a parameter's name. */
  public static ProblemException invalid(String pointer, String reason) {
    return new ProblemException(ProblemType.INVALID_REQUEST, detail(pointer, reason))
        .with("errors", List.of(new FieldError(pointer, reason)));
  }

  /** The detail about one wrong field. */
  public static String detail(String pointer, String reason) {
    return pointer.isEmpty() ? "The body " + reason : pointer + ": " + reason;
  }

  /** The answer to a call while the broker is unavailable. */
  public static ProblemException brokerUnavailable() {
    return new ProblemException(
            ProblemType.BROKER_UNAVAILABLE,
            "The broker does not answer and nothing was accepted; send the request again.")
        .retryAfter(BROKER_RETRY);
  }

  /** Adds an extension member, such as {@code state} or {@code attemptsLeft}. */
  public ProblemException with(String member, Object value) {
    members.put(member, value);
    return this;
  }

  /**
   * Adds the member {@code retryAfter} in seconds, rounded up, and the header {@code Retry-After}.
   */
  public ProblemException retryAfter(Duration duration) {
    retryAfter = duration;
    return with("retryAfter", Problem.seconds(duration));
  }

  /** The same problem for an object nested in the body at the pointer {@code parent}. */
  public ProblemException within(String parent) {
    List<FieldError> errors = errors();
    if (errors == null) {
      return this;
    }
    FieldError first = errors.getFirst();
    return invalid(parent + first.pointer(), first.reason());
  }

  public ProblemType type() {
    return type;
  }

  /** What is wrong with this request. */
  public String detail() {
    return detail;
  }

  /** The invalid fields; null when the problem is not about fields. */
  @SuppressWarnings("unchecked") // set only by invalid
  public @Nullable List<FieldError> errors() {
    return (List<FieldError>) members.get("errors");
  }

  public Problem problem(String instance) {
    return new Problem(type, type.status(), detail, instance, Map.copyOf(members));
  }

  public HttpHeaders headers() {
    HttpHeaders headers = new HttpHeaders();
    if (retryAfter != null) {
      headers.set(HttpHeaders.RETRY_AFTER, Long.toString(Problem.seconds(retryAfter)));
    }
    return headers;
  }

  /** One entry of the member {@code errors}. */
  public record FieldError(String pointer, String reason) {}
}

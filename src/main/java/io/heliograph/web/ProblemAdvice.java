package io.heliograph.web;

import io.heliograph.broker.BrokerUnavailableException;
import io.heliograph.problem.Problem;
import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemException.FieldError;
import io.heliograph.problem.ProblemType;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.eclipse.jetty.http.HttpException;
import org.eclipse.jetty.io.EofException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.security.web.firewall.RequestRejectedException;
import org.springframework.web.ErrorResponse;
import org.springframework.web.bind.MethodArgumentNotValidException;
import org.springframework.web.bind.MissingRequestHeaderException;
import org.springframework.web.bind.MissingServletRequestParameterException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;
import org.springframework.web.method.annotation.HandlerMethodValidationException;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.databind.DatabindException;

/**
 * Turns whatever a controller threw into a problem. The exhaustive place: what is not named here is
 * a fault of ours, logged once with its stack, and told as 500 without a word about the inside.
 */
@RestControllerAdvice
class ProblemAdvice {

  private static final Logger log = LoggerFactory.getLogger(ProblemAdvice.class);

  @ExceptionHandler
  @Nullable ResponseEntity<Problem> answer(
      Exception thrown, HttpServletRequest request, HttpServletResponse response) {
    if (response.isCommitted() || thrown instanceof AsyncRequestNotUsableException) {
      return null; // The caller has gone; an answer that has begun is broken by BrokenAnswers.
    }
    Exception exception = unwrap(thrown);
    String instance = RequestId.instance(request);
    HttpHeaders headers = new HttpHeaders();
    Problem problem =
        switch (exception) {
          case ProblemException p -> {
            headers = p.headers();
            yield p.problem(instance);
          }
          case BrokerUnavailableException _ -> {
            ProblemException p = ProblemException.brokerUnavailable();
            headers = p.headers();
            yield p.problem(instance);
          }
          case HttpMessageNotReadableException e -> unreadable(e, instance);
          case MethodArgumentNotValidException e -> invalid(fieldErrors(e), instance);
          case HandlerMethodValidationException e -> invalid(parameterErrors(e), instance);
          case MethodArgumentTypeMismatchException e ->
              invalid(List.of(new FieldError(e.getName(), "has the wrong form")), instance);
          case MissingServletRequestParameterException e ->
              invalid(List.of(new FieldError(e.getParameterName(), "is missing")), instance);
          case MissingRequestHeaderException e ->
              invalid(List.of(new FieldError(e.getHeaderName(), "is missing")), instance);
          case RequestRejectedException _ ->
              new Problem(
                  ProblemType.INVALID_REQUEST,
                  "The request has characters that are not taken.",
                  instance);
          case ErrorResponse e when e.getStatusCode().is4xxClientError() -> {
            headers.putAll(e.getHeaders());
            ProblemType type = ProblemType.ofStatus(e.getStatusCode().value());
            yield new Problem(
                type, e.getStatusCode().value(), type.description(), instance, Map.of());
          }
          case RuntimeException e when e instanceof HttpException h && h.getCode() == 400 ->
              // Jetty found it when it was first read: a query that is not UTF-8, for example.
              new Problem(
                  ProblemType.INVALID_REQUEST,
                  "The address or a header is not encoded as it has to be.",
                  instance);
          default -> {
            log.error("{} {} failed", request.getMethod(), pattern(request), exception);
            yield new Problem(
                ProblemType.INTERNAL_ERROR, ProblemType.INTERNAL_ERROR.description(), instance);
          }
        };
    headers.setContentType(MediaType.APPLICATION_PROBLEM_JSON);
    return new ResponseEntity<>(problem, headers, problem.status());
  }

  static ResponseEntity<Problem> answer(Problem problem) {
    return ResponseEntity.status(problem.status())
        .contentType(MediaType.APPLICATION_PROBLEM_JSON)
        .body(problem);
  }

  /** A future's failure is told as what made it fail, a body's as what stopped its reading. */
  private static Exception unwrap(Exception thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof BodyTooLargeException tooLarge) {
        return tooLarge.problem();
      }
      if (cause instanceof EofException) {
        return new ProblemException(ProblemType.INVALID_REQUEST, "The body ends too early.");
      }
      if (cause instanceof PeerTimeoutException) {
        return new ProblemException(
            ProblemType.REQUEST_TIMEOUT, "The body did not come in time; send it again, at once.");
      }
    }
    Throwable cause = thrown.getCause();
    return (thrown instanceof CompletionException || thrown instanceof ExecutionException)
            && cause instanceof Exception inner
        ? unwrap(inner)
        : thrown;
  }

  /** The route's pattern, not the path: ids of users do not belong in the log. */
  private static String pattern(HttpServletRequest request) {
    Object pattern =
        request.getAttribute("org.springframework.web.servlet.HandlerMapping.bestMatchingPattern");
    return pattern == null ? "request" : pattern.toString();
  }

  private static Problem unreadable(HttpMessageNotReadableException exception, String instance) {
    Throwable cause = exception.getCause();
    return switch (cause) {
      case StreamConstraintsException _ ->
          invalid(
              List.of(new FieldError("", "is nested too deeply or has too long a value")),
              instance);
      case DatabindException e ->
          invalid(List.of(new FieldError(pointer(e), "has the wrong type")), instance);
      case JacksonException e when e.getOriginalMessage().startsWith("Duplicate") ->
          invalid(List.of(new FieldError("", "has a field twice")), instance);
      case null, default ->
          invalid(
              List.of(new FieldError("", "is not the well-formed JSON that is expected")),
              instance);
    };
  }

  private static String pointer(DatabindException exception) {
    StringBuilder pointer = new StringBuilder();
    for (JacksonException.Reference step : exception.getPath()) {
      String name = step.getPropertyName();
      pointer.append('/').append(name == null ? Integer.toString(step.getIndex()) : escape(name));
    }
    return pointer.toString();
  }

  /** RFC 6901; cut, because a field's name is the caller's. */
  private static String escape(String name) {
    String cut = name.length() > 64 ? name.substring(0, 64) : name;
    return cut.replace("~", "~0").replace("/", "~1");
  }

  private static List<FieldError> fieldErrors(MethodArgumentNotValidException exception) {
    return exception.getBindingResult().getFieldErrors().stream()
        .map(
            e ->
                new FieldError("/" + e.getField().replace('.', '/'), reason(e.getDefaultMessage())))
        .toList();
  }

  private static List<FieldError> parameterErrors(HandlerMethodValidationException exception) {
    return exception.getParameterValidationResults().stream()
        .flatMap(
            result ->
                result.getResolvableErrors().stream()
                    .map(
                        e -> {
                          String name = result.getMethodParameter().getParameterName();
                          return new FieldError(
                              e instanceof org.springframework.validation.FieldError f
                                  ? "/" + f.getField().replace('.', '/')
                                  : name == null ? "" : name,
                              reason(e.getDefaultMessage()));
                        }))
        .toList();
  }

  private static String reason(@Nullable String message) {
    return message == null ? "is not valid" : message;
  }

  private static Problem invalid(List<FieldError> errors, String instance) {
    String detail =
        errors.isEmpty()
            ? ProblemType.INVALID_REQUEST.description()
            : (errors.getFirst().pointer().isEmpty() ? "The body" : errors.getFirst().pointer())
                + " "
                + errors.getFirst().reason()
                + ".";
    return new Problem(
        ProblemType.INVALID_REQUEST,
        ProblemType.INVALID_REQUEST.status(),
        detail,
        instance,
        Map.of("errors", errors));
  }
}

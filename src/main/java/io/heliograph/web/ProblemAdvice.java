package io.heliograph.web;

import io.heliograph.broker.BrokerUnavailableException;
import io.heliograph.problem.JsonProblems;
import io.heliograph.problem.Problem;
import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemException.FieldError;
import io.heliograph.problem.ProblemType;
import io.heliograph.problem.UnknownNames;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.eclipse.jetty.http.BadMessageException;
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
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.HttpMediaTypeNotSupportedException;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.bind.MethodArgumentNotValidException;
import org.springframework.web.bind.MissingRequestHeaderException;
import org.springframework.web.bind.MissingServletRequestParameterException;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.context.request.async.AsyncRequestNotUsableException;
import org.springframework.web.method.annotation.HandlerMethodValidationException;
import org.springframework.web.method.annotation.MethodArgumentTypeMismatchException;
import org.springframework.web.util.DisconnectedClientHelper;
import tools.jackson.core.JacksonException;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.databind.DatabindException;
import tools.jackson.databind.exc.MismatchedInputException;
import tools.jackson.databind.exc.UnrecognizedPropertyException;

/**
 * Maps exceptions of controllers to problems. Any other exception is a fault of this service: it is
 * logged with its stack trace and answered with 500 without details.
 */
@RestControllerAdvice
class ProblemAdvice {

  private static final Logger log = LoggerFactory.getLogger(ProblemAdvice.class);

  @SuppressWarnings("removal") // Jetty still throws it, and has no successor in its public API
  @ExceptionHandler
  @Nullable ResponseEntity<Problem> answer(
      Exception thrown, HttpServletRequest request, HttpServletResponse response) {
    if (response.isCommitted() || thrown instanceof AsyncRequestNotUsableException) {
      return null; // The caller disconnected, or BrokenAnswers aborts an answer that was begun.
    }
    Exception exception = unwrap(thrown);
    String instance = RequestId.instance(request);
    HttpHeaders headers = new HttpHeaders();
    @Nullable Problem problem =
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
              invalid(
                  List.of(
                      new FieldError(e.getName(), "has to be " + expected(e.getRequiredType()))),
                  instance);
          case MissingServletRequestParameterException e ->
              invalid(List.of(new FieldError(e.getParameterName(), "is missing")), instance);
          case MissingRequestHeaderException e ->
              invalid(List.of(new FieldError(e.getHeaderName(), "is missing")), instance);
          case BadMessageException _ ->
              new Problem(
                  ProblemType.INVALID_REQUEST,
                  "The query or the form is not valid percent-encoded UTF-8.",
                  instance);
          case RequestRejectedException _ ->
              new Problem(
                  ProblemType.INVALID_REQUEST,
                  "The path contains //, /../, ; or an encoded separator; send it in normal form.",
                  instance);
          case ErrorResponse e when e.getStatusCode().is4xxClientError() -> {
            headers.putAll(e.getHeaders());
            ProblemType type = ProblemType.ofStatus(e.getStatusCode().value());
            yield new Problem(
                type, e.getStatusCode().value(), detail(e, type, request), instance, Map.of());
          }
          case RuntimeException e when e instanceof HttpException h && h.getCode() == 400 ->
              // Jetty detects it when the value is first read: for example, a query that is not
              // UTF-8.
              new Problem(
                  ProblemType.INVALID_REQUEST,
                  "The URI or a header is not encoded correctly; send percent-encoded UTF-8.",
                  instance);
          // Not answered and not logged as an error, because the caller disconnected.
          case Exception e when DisconnectedClientHelper.isClientDisconnectedException(e) -> {
            log.debug("{} {}: the caller disconnected", request.getMethod(), pattern(request), e);
            yield null;
          }
          default -> {
            log.error("{} {} failed", request.getMethod(), pattern(request), exception);
            yield new Problem(
                ProblemType.INTERNAL_ERROR, ProblemType.INTERNAL_ERROR.description(), instance);
          }
        };
    if (problem == null) {
      return null;
    }
    headers.setContentType(MediaType.APPLICATION_PROBLEM_JSON);
    return new ResponseEntity<>(problem, headers, problem.status());
  }

  static ResponseEntity<Problem> answer(Problem problem) {
    return ResponseEntity.status(problem.status())
        .contentType(MediaType.APPLICATION_PROBLEM_JSON)
        .body(problem);
  }

  /** The cause of a future's failure, or of a failed read of the body. */
  private static Exception unwrap(Exception thrown) {
    for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
      if (cause instanceof BodyTooLargeException tooLarge) {
        return tooLarge.problem();
      }
      if (cause instanceof EofException) {
        return new ProblemException(
            ProblemType.INVALID_REQUEST, "The connection ended before the body did.");
      }
      if (cause instanceof PeerTimeoutException) {
        return new ProblemException(
            ProblemType.REQUEST_TIMEOUT,
            "The body did not arrive in time; send it again without pauses.");
      }
    }
    Throwable cause = thrown.getCause();
    return (thrown instanceof CompletionException || thrown instanceof ExecutionException)
            && cause instanceof Exception inner
        ? unwrap(inner)
        : thrown;
  }

  /** What the caller should send instead. */
  private static String detail(ErrorResponse e, ProblemType type, HttpServletRequest request) {
    return switch (e) {
      case HttpMediaTypeNotSupportedException m when !m.getSupportedMediaTypes().isEmpty() ->
          (request.getContentType() == null
                  ? "Content-Type is missing: send "
                  : "Content-Type is not supported: send ")
              + alternatives(m.getSupportedMediaTypes())
              + ", in UTF-8.";
      case HttpMediaTypeNotAcceptableException m when !m.getSupportedMediaTypes().isEmpty() ->
          "The answer would be "
              + alternatives(m.getSupportedMediaTypes())
              + ", which the Accept header excludes.";
      case HttpRequestMethodNotSupportedException m when m.getSupportedHttpMethods() != null ->
          "This resource does not have the method: use "
              + alternatives(m.getSupportedHttpMethods())
              + ".";
      default -> type.description();
    };
  }

  private static String alternatives(Collection<?> values) {
    return values.stream().map(String::valueOf).sorted().collect(Collectors.joining(" or "));
  }

  /** The route's pattern instead of the path, which may contain user ids. */
  private static String pattern(HttpServletRequest request) {
    Object pattern =
        request.getAttribute("org.springframework.web.servlet.HandlerMapping.bestMatchingPattern");
    return pattern == null ? "request" : pattern.toString();
  }

  private static Problem unreadable(HttpMessageNotReadableException exception, String instance) {
    ProblemException problem =
        switch (exception.getCause()) {
          case StreamConstraintsException e -> JsonProblems.of(e, "", StrictJson.LIMITS);
          case UnrecognizedPropertyException e -> unknown(e);
          case MismatchedInputException e when isTrailing(e) ->
              JsonProblems.of(e, "", StrictJson.LIMITS);
          case MismatchedInputException e when e.getPath().isEmpty() && isEmpty(e) ->
              ProblemException.invalid("", "is missing: a JSON object is expected");
          case MismatchedInputException e ->
              ProblemException.invalid(pointer(e), "has to be " + expected(e.getTargetType()));
          case DatabindException e -> ProblemException.invalid(pointer(e), "has the wrong type");
          case JacksonException e -> JsonProblems.of(e, "", StrictJson.LIMITS);
          case null, default ->
              ProblemException.invalid("", "is missing: a JSON object is expected");
        };
    return problem.problem(instance);
  }

  private static boolean isTrailing(MismatchedInputException e) {
    return String.valueOf(e.getOriginalMessage()).startsWith("Trailing token");
  }

  private static boolean isEmpty(MismatchedInputException e) {
    return String.valueOf(e.getOriginalMessage()).startsWith("No content");
  }

  private static ProblemException unknown(UnrecognizedPropertyException e) {
    String pointer = pointer(e);
    List<String> known = new ArrayList<>();
    if (e.getKnownPropertyIds() != null) {
      e.getKnownPropertyIds().forEach(name -> known.add(name.toString()));
    }
    return UnknownNames.refuse(pointer, e.getPropertyName(), known);
  }

  /** The name of the type in JSON terms. */
  private static String expected(@Nullable Class<?> type) {
    if (type == null) {
      return "of another type";
    }
    if (type == String.class) {
      return "a string";
    }
    if (type == Boolean.class || type == boolean.class) {
      return "true or false";
    }
    if (Number.class.isAssignableFrom(type) || type.isPrimitive()) {
      return "a whole number";
    }
    if (type.isEnum()) {
      return Stream.of(type.getEnumConstants())
          .map(String::valueOf)
          .collect(Collectors.joining(", ", "one of ", ""));
    }
    return Collection.class.isAssignableFrom(type) || type.isArray() ? "a list" : "an object";
  }

  private static String pointer(DatabindException exception) {
    StringBuilder pointer = new StringBuilder();
    for (JacksonException.Reference step : exception.getPath()) {
      String name = step.getPropertyName();
      pointer.append('/').append(name == null ? Integer.toString(step.getIndex()) : escape(name));
    }
    return pointer.toString();
  }

  /** As in RFC 6901, and shortened, because callers choose the name. */
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
            : ProblemException.detail(errors.getFirst().pointer(), errors.getFirst().reason());
    return new Problem(
        ProblemType.INVALID_REQUEST,
        ProblemType.INVALID_REQUEST.status(),
        detail,
        instance,
        Map.of("errors", errors));
  }
}

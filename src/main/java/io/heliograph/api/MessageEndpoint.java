package io.heliograph.api;

import io.heliograph.hub.PublishResult;
import io.heliograph.hub.PublishWait;
import io.heliograph.hub.Publisher;
import io.heliograph.idempotency.IdempotencyKeys;
import io.heliograph.idempotency.StoredReply;
import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.TraceParent;
import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import io.heliograph.publish.Drafts;
import io.heliograph.publish.Durations;
import io.heliograph.publish.PublishRequest;
import io.heliograph.security.ApiKey;
import io.heliograph.security.ApiKeys;
import io.heliograph.security.Scope;
import io.heliograph.security.SecurityHeaders;
import io.heliograph.web.MaxBody;
import io.heliograph.web.QueryParameters;
import io.heliograph.web.WaitLimit;
import io.heliograph.web.WaitProperties;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Qualifier;
import org.springframework.context.annotation.Lazy;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.http.converter.HttpMessageNotReadableException;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.stereotype.Component;
import org.springframework.web.HttpMediaTypeNotAcceptableException;
import org.springframework.web.HttpMediaTypeNotSupportedException;
import org.springframework.web.HttpRequestMethodNotSupportedException;
import org.springframework.web.filter.ServerHttpObservationFilter;
import org.springframework.web.servlet.HandlerExceptionResolver;
import org.springframework.web.util.UriUtils;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code POST /v1/channels/{channel}/messages}: publishes one message. As the most frequent call it
 * is a filter ahead of Spring Security and Spring MVC, which would take more than half of its time.
 * It runs behind the filters that assign the request id, measure the request and limit its body.
 * Problems go through the same advice as those of controllers.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 2)
class MessageEndpoint extends HttpFilter {

  private static final long serialVersionUID = 1L;

  static final String PATTERN = "/v1/channels/{channel}/messages";
  private static final String BEFORE_CHANNEL = "/v1/channels/";
  private static final String AFTER_CHANNEL = "/messages";

  private static final Duration USUAL_TIMEOUT = Duration.ofSeconds(2);
  private static final Duration LONGEST_TIMEOUT = Duration.ofSeconds(30);
  private static final PublishWait AT_ONCE =
      new PublishWait(PublishWait.Until.ACCEPTED, USUAL_TIMEOUT);

  private static final String WAIT = "wait";
  private static final String TIMEOUT = "timeout";
  private static final List<String> PARAMETERS = List.of(WAIT, TIMEOUT);

  private final transient Publisher publisher;
  private final transient WaitLimit waits;
  private final transient ApiKeys keys;
  private final transient Drafts drafts;
  private final transient IdempotentRequests idempotent;
  private final transient SecurityHeaders headers;
  private final transient HandlerExceptionResolver refusals;
  private final transient ObjectWriter answers;

  MessageEndpoint(
      Publisher publisher,
      WaitProperties waits,
      MeterRegistry meters,
      ApiKeys keys,
      Drafts drafts,
      IdempotentRequests idempotent,
      SecurityHeaders headers,
      @Lazy @Qualifier("handlerExceptionResolver") HandlerExceptionResolver refusals,
      JsonMapper json) {
    this.publisher = publisher;
    this.waits = new WaitLimit("receipt", waits.waitsPerKey(), waits.waits(), meters);
    this.keys = keys;
    this.drafts = drafts;
    this.idempotent = idempotent;
    this.headers = headers;
    this.refusals = refusals;
    this.answers = json.writerFor(PublishResponses.Pushed.class);
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    String channel = channel(request);
    if (channel == null || readsOnly(request.getMethod())) {
      chain.doFilter(request, response);
      return;
    }
    ServerHttpObservationFilter.findObservationContext(request)
        .ifPresent(observed -> observed.setPathPattern(PATTERN));
    headers.write(request, response);
    try {
      write(response, publish(channel, request, keys.require(request, Scope.PUSH)));
    } catch (Exception e) {
      if (e instanceof ProblemException problem && problem.type() == ProblemType.UNAUTHENTICATED) {
        response.setHeader(HttpHeaders.WWW_AUTHENTICATE, "Bearer");
      }
      if (refusals.resolveException(request, response, null, e) == null) {
        throw new ServletException(e);
      }
    }
  }

  /** The channel in the path, still encoded; null when the path is that of another call. */
  private static @Nullable String channel(HttpServletRequest request) {
    String path = request.getRequestURI();
    int root = request.getContextPath().length();
    int begin = root + BEFORE_CHANNEL.length();
    int end = path.length() - AFTER_CHANNEL.length();
    return begin < end
            && path.startsWith(BEFORE_CHANNEL, root)
            && path.endsWith(AFTER_CHANNEL)
            && path.lastIndexOf('/', end - 1) < begin
        ? path.substring(begin, end)
        : null;
  }

  /** These are passed on: reads of the log to their controller, OPTIONS to Spring. */
  private static boolean readsOnly(String method) {
    return method.equals("GET") || method.equals("HEAD") || method.equals("OPTIONS");
  }

  private IdempotentRequests.Reply publish(
      String encoded, HttpServletRequest request, ApiKey caller)
      throws HttpMediaTypeNotSupportedException,
          HttpMediaTypeNotAcceptableException,
          HttpRequestMethodNotSupportedException {
    if (!request.getMethod().equals("POST")) {
      throw new HttpRequestMethodNotSupportedException(
          request.getMethod(), List.of("GET", "HEAD", "POST", "OPTIONS"));
    }
    requireJson(request);
    Channel recipient = PublishRequest.recipient("channel", decoded(encoded));
    PublishWait wait = wait(request);
    String key = IdempotencyKeys.of(request);
    PublishRequest message = PublishRequest.read(body(request), PublishRequest.Form.SINGLE);
    TraceParent trace = trace(request);
    if (key == null) {
      return publish(recipient, drafts.of(message, null, trace), wait, caller);
    }
    return idempotent.answer(
        key,
        caller.name(),
        String.join("\n", "push", recipient.text(), wait.toString(), message.toString()),
        once -> publish(recipient, drafts.of(message, once, trace), wait, caller));
  }

  private IdempotentRequests.Reply publish(
      Channel recipient, Draft draft, PublishWait wait, ApiKey caller) {
    if (wait.until() == PublishWait.Until.ACCEPTED) {
      return publish(recipient, draft, wait);
    }
    try (var _ = waits.enter(caller.name())) {
      return publish(recipient, draft, wait);
    }
  }

  private IdempotentRequests.Reply publish(Channel recipient, Draft draft, PublishWait wait) {
    PublishResult result = PublishResponses.await(publisher.publish(recipient, draft, wait));
    HttpStatus status =
        result.outcome() == PublishResult.Outcome.ACCEPTED ? HttpStatus.ACCEPTED : HttpStatus.OK;
    return new IdempotentRequests.Reply(
        new StoredReply(
            status.value(),
            MediaType.APPLICATION_JSON_VALUE,
            answers.writeValueAsBytes(PublishResponses.Pushed.of(recipient, draft, result))),
        false);
  }

  // The request -----------------------------------------------------------------------------------

  private static void requireJson(HttpServletRequest request)
      throws HttpMediaTypeNotSupportedException, HttpMediaTypeNotAcceptableException {
    String type = request.getContentType();
    if (!MediaType.APPLICATION_JSON_VALUE.equals(type)) {
      requireJson(type);
    }
    String encoding = request.getHeader(HttpHeaders.CONTENT_ENCODING);
    if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
      throw new ProblemException(
          ProblemType.UNSUPPORTED_MEDIA_TYPE,
          "Content-Encoding is not supported: send the body without compression.");
    }
    String accept = request.getHeader(HttpHeaders.ACCEPT);
    if (accept != null
        && !accept.equals(MediaType.ALL_VALUE)
        && !accept.equals(MediaType.APPLICATION_JSON_VALUE)) {
      requireJsonAmong(Collections.list(request.getHeaders(HttpHeaders.ACCEPT)));
    }
  }

  private static void requireJson(@Nullable String type) throws HttpMediaTypeNotSupportedException {
    MediaType media;
    try {
      media = type == null ? null : MediaType.parseMediaType(type);
    } catch (InvalidMediaTypeException e) {
      media = null;
    }
    Charset charset = media == null ? null : media.getCharset();
    if (media == null
        || !media.equalsTypeAndSubtype(MediaType.APPLICATION_JSON)
        || (charset != null
            && !charset.equals(StandardCharsets.UTF_8)
            && !charset.equals(StandardCharsets.US_ASCII))) {
      throw new HttpMediaTypeNotSupportedException(
          media, List.of(MediaType.APPLICATION_JSON), HttpMethod.POST);
    }
  }

  private static void requireJsonAmong(List<String> accepted)
      throws HttpMediaTypeNotAcceptableException {
    try {
      if (MediaType.parseMediaTypes(accepted).stream()
          .anyMatch(type -> type.isCompatibleWith(MediaType.APPLICATION_JSON))) {
        return;
      }
    } catch (InvalidMediaTypeException e) {
      // An unreadable Accept header includes no media type of this call.
    }
    throw new HttpMediaTypeNotAcceptableException(List.of(MediaType.APPLICATION_JSON));
  }

  private static String decoded(String channel) {
    if (channel.indexOf('%') < 0) {
      return channel;
    }
    try {
      return UriUtils.decode(channel, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException e) {
      throw ProblemException.invalid("channel", "is not percent-encoded UTF-8");
    }
  }

  private static PublishWait wait(HttpServletRequest request) {
    if (request.getQueryString() == null) {
      return AT_ONCE;
    }
    Map<String, String> parameters = QueryParameters.read(request.getQueryString(), PARAMETERS);
    return new PublishWait(until(parameters.get(WAIT)), timeout(parameters.get(TIMEOUT)));
  }

  private static PublishWait.Until until(@Nullable String wait) {
    if (wait == null) {
      return PublishWait.Until.ACCEPTED;
    }
    return switch (wait.toLowerCase(Locale.ROOT)) {
      case "accepted" -> PublishWait.Until.ACCEPTED;
      case "delivered" -> PublishWait.Until.DELIVERED;
      case "acked" -> PublishWait.Until.ACKED;
      default -> throw ProblemException.invalid(WAIT, "has to be accepted, delivered or acked");
    };
  }

  private static Duration timeout(@Nullable String timeout) {
    if (timeout == null) {
      return USUAL_TIMEOUT;
    }
    Duration duration = Durations.parse(timeout);
    if (duration == null) {
      throw ProblemException.invalid(TIMEOUT, "has to be " + Durations.SYNTAX);
    }
    if (duration.isNegative() || duration.compareTo(LONGEST_TIMEOUT) > 0) {
      throw ProblemException.invalid(
          TIMEOUT, "has to be between 0 and " + LONGEST_TIMEOUT.toSeconds() + " s");
    }
    return duration;
  }

  private static byte[] body(HttpServletRequest request) {
    long announced = request.getContentLengthLong();
    if (announced > MaxBody.USUAL) {
      throw new ProblemException(
          ProblemType.PAYLOAD_TOO_LARGE,
          "The body is too large; this call accepts at most " + MaxBody.USUAL + " bytes.");
    }
    try {
      // With the known length, because readAllBytes allocates 16 KB first. BodyLimit refuses a
      // larger body.
      return request
          .getInputStream()
          .readNBytes(announced >= 0 ? (int) announced : Integer.MAX_VALUE);
    } catch (IOException e) {
      throw new HttpMessageNotReadableException(
          "The body could not be read", e, new ServletServerHttpRequest(request));
    }
  }

  /** Several headers count as none, because it is not clear which one is valid. */
  private static @Nullable TraceParent trace(HttpServletRequest request) {
    String header = request.getHeader(TraceParent.HEADER);
    return header == null || Collections.list(request.getHeaders(TraceParent.HEADER)).size() > 1
        ? null
        : TraceParent.of(header);
  }

  private static void write(HttpServletResponse response, IdempotentRequests.Reply reply)
      throws IOException {
    StoredReply stored = reply.stored();
    response.setStatus(stored.status());
    if (reply.replayed()) {
      response.setHeader(IdempotentRequests.REPLAYED, "true");
    }
    response.setContentType(MediaType.APPLICATION_JSON_VALUE);
    response.setContentLength(stored.body().length);
    response.getOutputStream().write(stored.body());
  }
}

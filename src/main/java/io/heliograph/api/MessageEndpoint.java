package io.heliograph.api;

import io.heliograph.broker.BrokerUnavailableException;
import io.heliograph.hub.Hub;
import io.heliograph.hub.PublishResult;
import io.heliograph.hub.PublishWait;
import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.TraceParent;
import io.heliograph.problem.ProblemException;
import io.heliograph.publish.PublishRequest;
import io.heliograph.security.ApiKey;
import io.heliograph.security.ApiKeys;
import io.heliograph.security.Scope;
import io.heliograph.web.MaxBody;
import io.heliograph.web.ProblemWriter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpFilter;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.Enumeration;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.Order;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.ServerHttpObservationFilter;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.ObjectWriter;
import tools.jackson.databind.json.JsonMapper;

/**
 * The short way of the call that is made most: one message, as the README's first {@code curl} has
 * it. {@link MessageController} is what the call means; this does the same for the plain case, in
 * less than half of the time, and only where nothing but 202 can be the answer. Whatever is not
 * plain (a parameter, an {@code Idempotency-Key}, an escaped path, another media type), or is not
 * in order (no such key, a body that cannot be read), takes the usual way as if it had not come by
 * here, and is answered there.
 *
 * <p>It stands behind the filters that give an id, measure and bound the request.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 2)
class MessageEndpoint extends HttpFilter {

  private static final long serialVersionUID = 1L;

  static final String PATTERN = "/v1/channels/{channel}/messages";
  private static final String BEFORE_CHANNEL = "/v1/channels/";
  private static final String AFTER_CHANNEL = "/messages";

  private static final PublishWait AT_ONCE =
      new PublishWait(PublishWait.Until.ACCEPTED, Duration.ofSeconds(2));

  private final transient Hub hub;
  private final transient ApiKeys keys;
  private final transient ProblemWriter problems;
  private final transient Clock clock;
  private final transient ObjectReader orders;
  private final transient ObjectWriter answers;

  MessageEndpoint(Hub hub, ApiKeys keys, ProblemWriter problems, Clock clock, JsonMapper json) {
    this.hub = hub;
    this.keys = keys;
    this.problems = problems;
    this.clock = clock;
    this.orders = json.readerFor(PublishRequest.class);
    this.answers = json.writerFor(PublishResponses.Pushed.class);
  }

  @Override
  protected void doFilter(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws IOException, ServletException {
    Channel recipient = isPlain(request) ? recipient(request) : null;
    if (recipient == null) {
      chain.doFilter(request, response);
      return;
    }
    byte[] body;
    try {
      // Not readAllBytes, which begins with 16 KB for each.
      body = request.getInputStream().readNBytes(request.getContentLength());
    } catch (IOException e) {
      // It stays broken, and what it breaks there has its answer.
      chain.doFilter(request, response);
      return;
    }
    Draft draft = draft(body, request.getHeader(TraceParent.HEADER));
    if (draft == null) {
      chain.doFilter(new ReadAgain(request, body), response);
      return;
    }
    ServerHttpObservationFilter.findObservationContext(request)
        .ifPresent(observed -> observed.setPathPattern(PATTERN));
    PublishResult result;
    try {
      result = PublishResponses.await(hub.push(recipient, draft, AT_ONCE));
    } catch (BrokerUnavailableException e) {
      problems.write(request, response, ProblemException.brokerUnavailable());
      return;
    }
    write(response, answers.writeValueAsBytes(PublishResponses.Pushed.of(recipient, result)));
  }

  /** All that can be said without looking at the message. */
  private boolean isPlain(HttpServletRequest request) {
    return "POST".equals(request.getMethod())
        && request.getQueryString() == null
        && MediaType.APPLICATION_JSON_VALUE.equals(request.getContentType())
        && request.getContentLengthLong() > 0
        && request.getContentLengthLong() <= MaxBody.USUAL
        && request.getHeader(HttpHeaders.CONTENT_ENCODING) == null
        && request.getHeader(IdempotentRequests.HEADER) == null
        && takesJson(request.getHeader(HttpHeaders.ACCEPT))
        && comesOnceAtMost(request.getHeaders(TraceParent.HEADER));
  }

  private static boolean takesJson(@Nullable String accept) {
    return accept == null
        || accept.equals(MediaType.ALL_VALUE)
        || accept.equals(MediaType.APPLICATION_JSON_VALUE);
  }

  private static boolean comesOnceAtMost(Enumeration<String> values) {
    if (values.hasMoreElements()) {
      values.nextElement();
    }
    return !values.hasMoreElements();
  }

  /** Null when the path is not this call's, or the caller may not make it. */
  private @Nullable Channel recipient(HttpServletRequest request) {
    String path = request.getRequestURI();
    int begin = request.getContextPath().length() + BEFORE_CHANNEL.length();
    int end = path.length() - AFTER_CHANNEL.length();
    if (begin >= end
        || !path.startsWith(BEFORE_CHANNEL, request.getContextPath().length())
        || !path.endsWith(AFTER_CHANNEL)) {
      return null;
    }
    String channel = path.substring(begin, end);
    if (channel.indexOf('/') >= 0 || channel.indexOf('%') >= 0 || channel.indexOf(';') >= 0) {
      return null;
    }
    ApiKey key = keys.of(request);
    if (key == null || !key.may(Scope.PUSH)) {
      return null;
    }
    try {
      return PublishRequest.recipient("channel", channel);
    } catch (ProblemException e) {
      return null;
    }
  }

  /** Null when the body is not a message. */
  private @Nullable Draft draft(byte[] body, @Nullable String traceparent) {
    try {
      PublishRequest order = orders.readValue(body);
      return order == null ? null : order.draft(clock, null, TraceParent.of(traceparent));
    } catch (JacksonException | ProblemException e) {
      return null;
    }
  }

  private static void write(HttpServletResponse response, byte[] body) throws IOException {
    response.setStatus(HttpServletResponse.SC_ACCEPTED);
    response.setHeader("X-Content-Type-Options", "nosniff");
    response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    response.setContentType(MediaType.APPLICATION_JSON_VALUE);
    response.setContentLength(body.length);
    response.getOutputStream().write(body);
  }

  /** The request as it came, for whom the body was read in vain. */
  private static final class ReadAgain extends HttpServletRequestWrapper {

    private final ServletInputStream stream;

    ReadAgain(HttpServletRequest request, byte[] body) {
      super(request);
      var bytes = new ByteArrayInputStream(body);
      stream =
          new ServletInputStream() {
            @Override
            public int read() {
              return bytes.read();
            }

            @Override
            public int read(byte[] into, int offset, int length) {
              return bytes.read(into, offset, length);
            }

            @Override
            public boolean isFinished() {
              return bytes.available() == 0;
            }

            @Override
            public boolean isReady() {
              return true;
            }

            @Override
            public void setReadListener(ReadListener listener) {
              throw new IllegalStateException("it is all there");
            }
          };
    }

    @Override
    public ServletInputStream getInputStream() {
      return stream;
    }
  }
}

package io.heliograph.web;

import jakarta.servlet.FilterChain;
import jakarta.servlet.ReadListener;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletInputStream;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletRequestWrapper;
import jakarta.servlet.http.HttpServletResponse;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.springframework.core.Ordered;
import org.springframework.core.annotation.AnnotatedElementUtils;
import org.springframework.core.annotation.Order;
import org.springframework.stereotype.Component;
import org.springframework.web.filter.OncePerRequestFilter;
import org.springframework.web.method.HandlerMethod;
import org.springframework.web.servlet.HandlerInterceptor;
import org.springframework.web.servlet.config.annotation.InterceptorRegistry;
import org.springframework.web.servlet.config.annotation.WebMvcConfigurer;

/**
 * Limits the size of request bodies. The filter counts the bytes that are read. When the controller
 * is known, the interceptor sets the limit of its {@link MaxBody} and refuses a larger
 * Content-Length at once.
 */
@Component
@Order(Ordered.HIGHEST_PRECEDENCE + 1)
class BodyLimit extends OncePerRequestFilter implements HandlerInterceptor, WebMvcConfigurer {

  private static final long MAX_DISCARDED = 4L * 1024 * 1024;

  private static final Duration MAX_DISCARD_TIME = Duration.ofSeconds(2);

  @Override
  protected void doFilterInternal(
      HttpServletRequest request, HttpServletResponse response, FilterChain chain)
      throws ServletException, IOException {
    // An upgrade has no body, and the WebSocket upgrade needs the server's own request object.
    boolean upgrade =
        request.getMethod().equals("GET")
            && "websocket".equalsIgnoreCase(request.getHeader("Upgrade"));
    if (request.getContentLengthLong() == 0 || upgrade) {
      chain.doFilter(request, response);
    } else {
      CountedRequest counted = new CountedRequest(request);
      request.setAttribute(BodyLimit.class.getName(), counted);
      chain.doFilter(counted, response);
      if (!request.isAsyncStarted()) {
        discardRest(counted, response);
      }
    }
  }

  /**
   * Reads and discards the unread rest of a body after the answer was sent, within limits. If the
   * connection were closed while the caller still sends, it would be reset and the answer lost.
   */
  @SuppressWarnings("ThreadPriorityCheck") // virtual threads are not preempted
  private static void discardRest(CountedRequest request, HttpServletResponse response) {
    boolean body =
        request.getContentLengthLong() > 0 || request.getHeader("Transfer-Encoding") != null;
    // A caller that expects 100 (Continue) has sent no body.
    if (!body
        || request.count == request.getContentLengthLong()
        || request.getHeader("Expect") != null) {
      return;
    }
    try {
      ServletInputStream rest = request.getRequest().getInputStream();
      if (rest.isFinished()) {
        return;
      }
      response.flushBuffer();
      ExchangeLimit.total(MAX_DISCARD_TIME).set(request);
      byte[] buffer = new byte[16 * 1024];
      long discarded = 0;
      int n = rest.read(buffer);
      while (n >= 0 && discarded < MAX_DISCARDED) {
        discarded += n;
        // Virtual threads are not preempted, and with a fast sender the reads never block.
        Thread.yield();
        n = rest.read(buffer);
      }
    } catch (IOException e) {
      // The caller disconnected or was too slow; the answer was sent before.
    }
  }

  @Override
  public boolean preHandle(
      HttpServletRequest request, HttpServletResponse response, Object handler) {
    if (request.getAttribute(BodyLimit.class.getName()) instanceof CountedRequest counted) {
      if (handler instanceof HandlerMethod method) {
        counted.limit = limitOf(method);
      }
      if (request.getContentLengthLong() > counted.limit) {
        throw new BodyTooLargeException(counted.limit).problem();
      }
    }
    return true;
  }

  private static long limitOf(HandlerMethod method) {
    MaxBody limit = method.getMethodAnnotation(MaxBody.class);
    if (limit == null) {
      limit = AnnotatedElementUtils.findMergedAnnotation(method.getBeanType(), MaxBody.class);
    }
    return limit == null ? MaxBody.USUAL : limit.value();
  }

  @Override
  public void addInterceptors(InterceptorRegistry registry) {
    registry.addInterceptor(this);
  }

  /** Used by one thread at a time. */
  private static final class CountedRequest extends HttpServletRequestWrapper {

    private long limit = MaxBody.USUAL;
    private long count;
    private @Nullable ServletInputStream stream;
    private @Nullable BufferedReader reader;

    CountedRequest(HttpServletRequest request) {
      super(request);
    }

    @Override
    public ServletInputStream getInputStream() throws IOException {
      if (stream == null) {
        stream = new CountedStream(super.getInputStream());
      }
      return stream;
    }

    @Override
    public BufferedReader getReader() throws IOException {
      if (reader == null) {
        reader =
            new BufferedReader(new InputStreamReader(getInputStream(), StandardCharsets.UTF_8));
      }
      return reader;
    }

    private final class CountedStream extends ServletInputStream {

      private final ServletInputStream source;

      CountedStream(ServletInputStream source) {
        this.source = source;
      }

      @Override
      public int read() throws IOException {
        int b = source.read();
        count(b < 0 ? 0 : 1);
        return b;
      }

      @Override
      public int read(byte[] bytes, int offset, int length) throws IOException {
        int n = source.read(bytes, offset, length);
        count(Math.max(0, n));
        return n;
      }

      private void count(int n) throws IOException {
        count += n;
        if (count > limit) {
          throw new BodyTooLargeException(limit);
        }
      }

      @Override
      public int available() throws IOException {
        return source.available();
      }

      @Override
      public boolean isFinished() {
        return source.isFinished();
      }

      @Override
      public boolean isReady() {
        return source.isReady();
      }

      @Override
      public void setReadListener(ReadListener listener) {
        source.setReadListener(listener);
      }
    }
  }
}

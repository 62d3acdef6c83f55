package io.heliograph.transport.http;

import io.heliograph.security.SecurityHeaders;
import io.heliograph.server.AdmissionProperties;
import io.heliograph.server.ExchangeProperties;
import io.heliograph.server.ServerConfiguration;
import io.heliograph.support.WithoutSecurity;
import io.heliograph.web.CallerProperties;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.LinkedBlockingQueue;
import org.eclipse.jetty.ee11.servlet.ServletContextRequest;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;

/**
 * The transport without a protocol: {@code /stream} begins a response and hands it to the test. Not
 * a component, so that no scan of the real application finds it.
 */
@WithoutSecurity
@EnableConfigurationProperties({
  AdmissionProperties.class,
  CallerProperties.class,
  ExchangeProperties.class
})
@Import({ServerConfiguration.class, HttpTransportConfiguration.class, SecurityHeaders.class})
class StreamApplication {

  /** The streams that began, in order. */
  static final BlockingQueue<ResponseStream> opened = new LinkedBlockingQueue<>();

  /** How they ended: whether the response was complete. */
  static final BlockingQueue<Boolean> ended = new LinkedBlockingQueue<>();

  /** What should be garbage once the stream is open: the request and its HTTP connection. */
  static final Queue<WeakReference<Object>> requestParts = new ConcurrentLinkedQueue<>();

  @Bean
  HttpEndpoint stream(ResponseStreams streams) {
    return HttpEndpoint.at(
        "/stream",
        List.of("GET"),
        (request, response) -> {
          requestParts.add(new WeakReference<>(request));
          requestParts.add(
              new WeakReference<>(
                  ServletContextRequest.getServletContextRequest(request).getConnectionMetaData()));
          response.setContentType("text/plain");
          var _ = streams.open(request, bytes("first\n"), new Recorder());
        });
  }

  @Bean
  HttpEndpoint everythingBelow() {
    return HttpEndpoint.below(
        "/below/",
        List.of(),
        (request, response) ->
            response.getWriter().print(request.getMethod() + " " + request.getRequestURI()));
  }

  static ByteBuffer bytes(String text) {
    return ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
  }

  private static final class Recorder implements StreamListener {

    @Override
    public void onOpen(ResponseStream stream) {
      opened.add(stream);
    }

    @Override
    public void onEnd(boolean complete) {
      ended.add(complete);
    }
  }
}

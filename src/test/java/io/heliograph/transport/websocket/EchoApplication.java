package io.heliograph.transport.websocket;

import io.heliograph.server.AdmissionProperties;
import io.heliograph.server.ExchangeProperties;
import io.heliograph.server.ServerConfiguration;
import io.heliograph.session.CloseReason;
import io.heliograph.session.DuplexTransport;
import io.heliograph.session.Encoding;
import io.heliograph.session.Liveness;
import io.heliograph.session.TransportInfo;
import io.heliograph.support.WithoutSecurity;
import io.heliograph.web.CallerProperties;
import java.lang.ref.WeakReference;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.eclipse.jetty.ee11.servlet.ServletContextRequest;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.http.server.ServerHttpRequest;
import org.springframework.http.server.ServerHttpResponse;
import org.springframework.http.server.ServletServerHttpRequest;
import org.springframework.web.socket.WebSocketHandler;
import org.springframework.web.socket.server.HandshakeInterceptor;

/**
 * The same transport with an echo in place of the protocol, so that public fuzzing suites can be
 * run against it: {@code /echo} takes text and binary of up to 64 MiB, {@code /small} text of up to
 * 4 KiB. Not a component, so that no scan of the real application finds it.
 */
@WithoutSecurity
@EnableConfigurationProperties({
  AdmissionProperties.class,
  CallerProperties.class,
  ExchangeProperties.class,
  WebSocketProperties.class
})
@Import({ServerConfiguration.class, WebSocketConfiguration.class})
public class EchoApplication {

  static final String SUBPROTOCOL = "heliograph.v1.json";

  private static final Encoding NO_EVENTS =
      new Encoding(
          event -> {
            throw new UnsupportedOperationException("an echo has no events");
          },
          WebSocketFraming.TEXT);

  public static void main(String[] args) {
    // Its own name, so that the real application's settings are not read.
    new SpringApplicationBuilder(EchoApplication.class)
        .properties("spring.config.name=echo", "server.port=9001")
        .run(args);
  }

  @Bean
  WebSocketEndpoint echo() {
    return route("/echo", new WebSocketLimits(64 << 20, true, Duration.ofSeconds(5), 64 << 20));
  }

  @Bean
  WebSocketEndpoint small(WebSocketProperties properties) {
    return route(
        "/small",
        new WebSocketLimits(
            4096, false, properties.closeTimeout(), properties.maxDiscarded().toBytes()));
  }

  private static WebSocketEndpoint route(String path, WebSocketLimits limits) {
    return new WebSocketEndpoint(
        path,
        List.of(SUBPROTOCOL),
        limits,
        new TransportInfo("websocket", "echo", Liveness.PING, false),
        NO_EVENTS,
        List.of(new Remember()),
        info -> new Echo());
  }

  /** What should be garbage once the socket is open: the request and its HTTP connection. */
  static final Queue<WeakReference<Object>> requestParts = new ConcurrentLinkedQueue<>();

  private static final class Remember implements HandshakeInterceptor {

    @Override
    public boolean beforeHandshake(
        ServerHttpRequest request,
        ServerHttpResponse response,
        WebSocketHandler handler,
        Map<String, Object> attributes) {
      var servletRequest = ((ServletServerHttpRequest) request).getServletRequest();
      requestParts.add(new WeakReference<>(servletRequest));
      requestParts.add(
          new WeakReference<>(
              ServletContextRequest.getServletContextRequest(servletRequest)
                  .getConnectionMetaData()));
      return true;
    }

    @Override
    public void afterHandshake(
        ServerHttpRequest request,
        ServerHttpResponse response,
        WebSocketHandler handler,
        @Nullable Exception failure) {}
  }

  /**
   * Answers each message before it reads the next, so that a peer that does not read cannot pile up
   * answers.
   */
  private static final class Echo implements WebSocketListener {

    private @Nullable DuplexTransport socket;

    @Override
    public void onOpen(DuplexTransport socket) {
      this.socket = socket;
    }

    @Override
    public void onText(String text) {
      if (text.equals("please fail")) {
        throw new IllegalStateException("as asked");
      }
      DuplexTransport line = line();
      if (text.equals("please close")) {
        line.close(CloseReason.LIFETIME);
        return;
      }
      line.pauseReading();
      if (text.startsWith("thrice ")) {
        ByteBuffer once = bytes(text.substring(7));
        line.write(
            new ByteBuffer[] {once, once.duplicate(), once.duplicate()},
            failure -> line.resumeReading());
      } else {
        line.write(new ByteBuffer[] {bytes(text)}, failure -> line.resumeReading());
      }
    }

    private static ByteBuffer bytes(String text) {
      return WebSocketFraming.TEXT.frame(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public void onBinary(ByteBuffer data) {
      DuplexTransport line = line();
      line.pauseReading();
      line.write(
          new ByteBuffer[] {WebSocketFraming.BINARY.frame(data)}, failure -> line.resumeReading());
    }

    private DuplexTransport line() {
      if (socket == null) {
        throw new IllegalStateException("a message before the opening");
      }
      return socket;
    }

    @Override
    public void onClosed(CloseReason reason, int code) {}
  }
}

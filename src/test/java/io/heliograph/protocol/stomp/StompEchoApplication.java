package io.heliograph.protocol.stomp;

import io.heliograph.HeliographApplication;
import io.heliograph.message.Ids;
import io.heliograph.support.TestBackend;
import io.heliograph.transport.websocket.WebSocketFraming;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Primary;

/**
 * The service with an echo in place of publishing, so that the public test suite of stompjs can be
 * run against it: what a client sends comes back to its own subscriptions of that destination, body
 * and headers as they were. Not a component, so that no scan of the real application finds it.
 */
public class StompEchoApplication {

  private static final String KEY = "a-key-for-tests-" + Ids.random128();

  public static void main(String[] args) {
    // As arguments, because they have to win over the service's own defaults.
    Stream<String> settings =
        Stream.of(
            "--server.port=9002",
            "--management.server.port=0",
            "--heliograph.security.api-key=" + KEY,
            // The suite waits for heart-beats.
            "--heliograph.session.heartbeat=500ms",
            "--heliograph.session.max-frames-per-second=10000",
            "--heliograph.websocket.max-frame=4MB");
    var context =
        new SpringApplicationBuilder(HeliographApplication.class, StompEchoApplication.class)
            .run(
                Stream.concat(settings.filter(setting -> isMissing(setting, args)), Stream.of(args))
                    .toArray(String[]::new));
    int port = context.getEnvironment().getRequiredProperty("local.server.port", Integer.class);
    String token =
        new TestBackend(port, KEY).token("guest", "24h", new String[] {"topic:chat.general"});
    System.out.println("url: ws://localhost:" + port + "/stomp");
    System.out.println("passcode: " + token);
  }

  private static boolean isMissing(String setting, String[] args) {
    String name = setting.substring(0, setting.indexOf('=') + 1);
    return Stream.of(args).noneMatch(argument -> argument.startsWith(name));
  }

  @Bean
  @Primary
  SendHandler echo() {
    return (frame, client) -> {
      String destination = frame.headers().getOrDefault("destination", "");
      StompSubscription subscription =
          Stream.of(client.transport().subscriptions().all())
              .filter(each -> each.destination().equals(destination))
              .findFirst()
              .orElse(null);
      if (subscription == null) {
        return client.receipt(frame);
      }
      FrameWriter head =
          FrameWriter.rest(client.transport().version()).header("message-id", Ids.random128());
      if (subscription.acknowledges()) {
        head.header("ack", "none");
      }
      frame
          .headers()
          .forEach(
              (name, value) -> {
                if (!name.equals("destination") && !name.equals("content-length")) {
                  head.header(name, value);
                }
              });
      head.header("content-length", Integer.toString(frame.body().length));
      ByteBuffer begin = subscription.begin().duplicate();
      ByteBuffer own = head.begin();
      ByteBuffer message =
          ByteBuffer.allocate(begin.remaining() + own.remaining() + frame.body().length + 2)
              .put(begin)
              .put(own)
              .put((byte) '\n')
              .put(frame.body())
              .put((byte) 0)
              .flip();
      // Past the session's queue: nothing else is written while its client's frames wait.
      var framing = frame.text() == null ? WebSocketFraming.BINARY : WebSocketFraming.TEXT;
      var written = new CompletableFuture<Void>();
      client
          .transport()
          .write(
              new ByteBuffer[] {framing.frame(message).duplicate()}, _ -> written.complete(null));
      return written.thenCompose(_ -> client.receipt(frame));
    };
  }
}

package io.heliograph.blackbox;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliograph.hub.Drain;
import io.heliograph.hub.HubParts;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.messaging.simp.stomp.ConnectionLostException;
import org.springframework.messaging.simp.stomp.StompCommand;
import org.springframework.messaging.simp.stomp.StompFrameHandler;
import org.springframework.messaging.simp.stomp.StompHeaders;
import org.springframework.messaging.simp.stomp.StompSession;
import org.springframework.messaging.simp.stomp.StompSessionHandlerAdapter;
import org.springframework.scheduling.concurrent.ThreadPoolTaskScheduler;
import org.springframework.web.socket.WebSocketHttpHeaders;
import org.springframework.web.socket.client.standard.StandardWebSocketClient;
import org.springframework.web.socket.messaging.WebSocketStompClient;

/** Spring's own client, unmodified. It sends no Origin, and its token in {@code CONNECT} only. */
class SpringStompClientTests extends BlackBox {

  private static final int MANY = 1_000;

  /** What happens, in order: messages as their bodies, errors, and the end. */
  private static final class Client extends StompSessionHandlerAdapter {
    final LinkedBlockingQueue<String> happened = new LinkedBlockingQueue<>();
    final CompletableFuture<StompHeaders> connected = new CompletableFuture<>();
    volatile @Nullable String position;

    @Override
    public void afterConnected(StompSession session, StompHeaders headers) {
      connected.complete(headers);
    }

    /** Of ERROR frames, and of messages by way of the subscription. */
    @Override
    public Type getPayloadType(StompHeaders headers) {
      return byte[].class;
    }

    @Override
    public void handleFrame(StompHeaders headers, @Nullable Object payload) {
      happened.add("error " + headers.getFirst("message"));
    }

    @Override
    public void handleException(
        StompSession session,
        @Nullable StompCommand command,
        StompHeaders headers,
        byte[] payload,
        Throwable exception) {
      happened.add("exception " + exception);
    }

    /** Comes with each failure, the last time with the loss. */
    @Override
    public void handleTransportError(StompSession session, Throwable exception) {
      if (exception instanceof ConnectionLostException) {
        happened.add("lost");
      }
    }

    void message(StompHeaders headers, byte[] body) {
      position = headers.getFirst("position");
      happened.add(new String(body, StandardCharsets.UTF_8).replace("\"", ""));
    }

    String next() throws InterruptedException {
      return String.valueOf(happened.poll(60, TimeUnit.SECONDS));
    }
  }

  @Autowired Drain drain;
  @Autowired HubParts parts;

  private final String user = fresh("springer");
  private final String topic = fresh("spring");
  private final ThreadPoolTaskScheduler scheduler = new ThreadPoolTaskScheduler();
  private final WebSocketStompClient stomp =
      new WebSocketStompClient(new StandardWebSocketClient());

  SpringStompClientTests() {
    scheduler.initialize();
    stomp.setTaskScheduler(scheduler);
    stomp.start();
  }

  @AfterEach
  void stop() {
    stomp.stop();
    scheduler.shutdown();
  }

  private CompletableFuture<StompSession> connecting(
      Client client, @Nullable String token, WebSocketHttpHeaders handshake) {
    StompHeaders headers = new StompHeaders();
    if (token != null) {
      headers.add("Authorization", "Bearer " + token);
    }
    return stomp.connectAsync("ws://localhost:" + port + "/stomp", handshake, headers, client);
  }

  private StompSession connect(Client client) throws Exception {
    String token = backend.token(user, "topic:" + topic);
    return connecting(client, token, new WebSocketHttpHeaders()).get(60, TimeUnit.SECONDS);
  }

  private void subscribe(StompSession session, Client client, String destination) throws Exception {
    session.setAutoReceipt(true);
    StompHeaders headers = new StompHeaders();
    headers.setDestination(destination);
    if (client.position != null) {
      headers.add("since", client.position);
    }
    CompletableFuture<Void> begun = new CompletableFuture<>();
    session
        .subscribe(
            headers,
            new StompFrameHandler() {
              @Override
              public Type getPayloadType(StompHeaders messageHeaders) {
                return byte[].class;
              }

              @Override
              public void handleFrame(StompHeaders messageHeaders, @Nullable Object payload) {
                client.message(messageHeaders, (byte[]) requireNonNull(payload));
              }
            })
        .addReceiptTask(() -> begun.complete(null));
    begun.get(60, TimeUnit.SECONDS);
  }

  @Test
  void aTokenInConnectIsEnoughAndWithoutOneNoClientIsAdmitted() throws Exception {
    Client client = new Client();
    connect(client);
    StompHeaders connected = client.connected.get(60, TimeUnit.SECONDS);
    assertThat(connected.getFirst("user-name")).isEqualTo(user);
    assertThat(connected.getHeartbeat()).containsExactly(50_000, 0);

    Client stranger = new Client();
    var refused = connecting(stranger, null, new WebSocketHttpHeaders());
    assertThat(stranger.next()).isEqualTo("error refused");
    assertThatThrownBy(() -> refused.get(60, TimeUnit.SECONDS))
        .isInstanceOf(ExecutionException.class);
  }

  @Test
  void aForeignOriginIsRefused() {
    var handshake = new WebSocketHttpHeaders();
    handshake.setOrigin("https://evil.example");
    var refused = connecting(new Client(), backend.token(user), handshake);
    assertThatThrownBy(() -> refused.get(60, TimeUnit.SECONDS)).hasStackTraceContaining("403");
  }

  @Test
  void onePushReachesEachSubscriptionOnce() throws Exception {
    Client client = new Client();
    StompSession session = connect(client);
    subscribe(session, client, "/user/queue/inbox");
    backend.pushAll("user:" + user, "one", "two");
    assertThat(client.next()).isEqualTo("one");
    assertThat(client.next()).isEqualTo("two");
    session.disconnect();
    assertThat(client.happened).isEmpty();
  }

  @Test
  void cutInTheMiddleOfManyPushesItSeesEachOnceAndInOrder() throws Exception {
    Client client = new Client();
    subscribe(connect(client), client, "/topic/" + topic);
    CompletableFuture<Void> pushes =
        CompletableFuture.runAsync(
            () -> {
              for (int i = 0; i < MANY; i++) {
                backend.pushAll("topic:" + topic, "" + i);
              }
            });
    int seen = 0;
    for (String next = client.next(); seen < MANY; next = client.next()) {
      if (next.equals("lost")) {
        subscribe(connect(client), client, "/topic/" + topic);
        continue;
      }
      assertThat(next).isEqualTo("" + seen++);
      if (seen == MANY / 3) {
        String id = requireNonNull(client.connected.join().getFirst("session"));
        requireNonNull(parts.registry().session(id)).transport().abort();
      }
      if (seen == MANY) {
        break;
      }
    }
    pushes.join();
    assertThat(client.happened).isEmpty();
  }

  @Test
  void aDrainingNodeAndTheTokensEndCloseTheConnection() throws Exception {
    Client client = new Client();
    connect(client);
    CompletableFuture<Void> drained = new CompletableFuture<>();
    drain.stop(() -> drained.complete(null));
    try {
      assertThat(client.next()).isEqualTo("lost");
      drained.join();
    } finally {
      drain.start();
    }
    Client again = new Client();
    connecting(again, backend.token(user, "60s", new String[0]), new WebSocketHttpHeaders())
        .get(60, TimeUnit.SECONDS);
    clock.advance(Duration.ofSeconds(62));
    assertThat(again.next()).isEqualTo("error token");
    assertThat(again.next()).isEqualTo("lost");
  }
}

package io.heliograph.server;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.support.RawSocket;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.VirtualThreadPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/**
 * The risk: a node fails, and the handshakes of its clients starve established sessions on the
 * other nodes.
 */
@ExtendWith(OutputCaptureExtension.class)
class HandshakeQueueTests {

  private static final int SLOTS = Runtime.getRuntime().availableProcessors();
  private static final int MAX_WAITING = 3;
  private static final Duration FOR_EVER = Duration.ofHours(1);

  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final Server server = new Server(new VirtualThreadPool());
  private final ServerConnector connector = new ServerConnector(server);
  private final ScriptedHandler handler = new ScriptedHandler();
  private final List<RawSocket> open = new ArrayList<>();

  /** Behaves as the request's path says. */
  private static final class ScriptedHandler extends Handler.Abstract {
    private final AtomicInteger begun = new AtomicInteger();
    private final CountDownLatch held = new CountDownLatch(1);

    @Override
    public boolean handle(Request request, Response response, Callback callback) throws Exception {
      switch (Request.getPathInContext(request)) {
        case "/held" -> {
          begun.incrementAndGet();
          held.await();
        }
        case "/fails" -> throw new IllegalStateException("as wanted");
        case "/unknown" -> {
          return false;
        }
        default -> begun.incrementAndGet();
      }
      response.setStatus(204);
      callback.succeeded();
      return true;
    }
  }

  private void start(Duration maxSlotTime) throws Exception {
    var queue =
        new HandshakeQueue(
            new HandshakeResponses(meters), MAX_WAITING, meters, request -> {}, maxSlotTime);
    queue.setHandler(handler);
    server.setHandler(queue);
    server.addConnector(connector);
    server.start();
  }

  @AfterEach
  void stop() throws Exception {
    handler.held.countDown();
    open.forEach(RawSocket::close);
    server.stop();
  }

  private RawSocket handshake(String path) {
    return send(RawSocket.handshake(path));
  }

  private RawSocket send(String request) {
    RawSocket socket = RawSocket.connect(connector.getLocalPort()).send(request);
    open.add(socket);
    return socket;
  }

  private static int status(RawSocket socket) {
    return Integer.parseInt(socket.readHead().substring(9, 12));
  }

  private double waiting() {
    return meters.get("heliograph.handshakes.waiting").gauge().value();
  }

  private double shed() {
    return meters.get("heliograph.handshakes").tag("outcome", "shed").counter().count();
  }

  /** Occupies all slots and fills the queue. */
  private List<RawSocket> fillQueue() {
    List<RawSocket> held = new ArrayList<>();
    for (int i = 0; i < SLOTS; i++) {
      held.add(handshake("/held"));
    }
    await().until(() -> handler.begun.get() == SLOTS);
    for (int i = 0; i < MAX_WAITING; i++) {
      held.add(handshake("/held"));
    }
    await().until(() -> waiting() == MAX_WAITING);
    return held;
  }

  @Test
  void otherRequestsBypassTheQueue() throws Exception {
    start(FOR_EVER);
    List<RawSocket> held = fillQueue();
    assertThat(status(send("POST /push HTTP/1.1\r\nHost: a\r\nContent-Length: 0\r\n\r\n")))
        .isEqualTo(204);
    // Java's HTTP client sends this upgrade to HTTP/2 with every request.
    String h2c =
        "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAEAAEAA\r\n";
    assertThat(
            status(send("POST /push HTTP/1.1\r\nHost: a\r\n" + h2c + "Content-Length: 0\r\n\r\n")))
        .isEqualTo(204);
    assertThat(waiting()).isEqualTo(MAX_WAITING);
    handler.held.countDown();
    assertThat(held).allMatch(one -> status(one) == 204);
    assertThat(waiting()).isZero();
    assertThat(shed()).isZero();
  }

  @Test
  void beyondTheQueueHandshakesGet503WithRandomizedRetryAfter() throws Exception {
    start(FOR_EVER);
    List<RawSocket> held = fillQueue();
    Set<String> times = new HashSet<>();
    for (int i = 0; i < 200; i++) {
      RawSocket one = handshake("/held");
      String head = one.readHead();
      assertThat(head)
          .startsWith("HTTP/1.1 503 ")
          .contains("application/problem+json", "X-Request-Id: ", "Connection: close");
      assertThat(one.readBody(head)).contains("Too many handshakes at once", "urn:uuid:");
      assertThat(one.ends()).isTrue();
      times.add(head.replaceAll("(?s).*Retry-After: (\\d+).*", "$1"));
    }
    assertThat(times).containsExactlyInAnyOrder("1", "2", "3", "4", "5");
    assertThat(shed()).isEqualTo(200);
    handler.held.countDown();
    assertThat(held).allMatch(one -> status(one) == 204);
    assertThat(status(handshake("/held"))).isEqualTo(204);
  }

  @Test
  void aHandshakeThatBlocksReleasesItsSlotAfterTheSlotTime() throws Exception {
    start(Duration.ofMillis(1));
    RawSocket slow = handshake("/held");
    for (int i = 0; i < SLOTS + MAX_WAITING; i++) {
      assertThat(status(handshake("/quick"))).isEqualTo(204);
    }
    handler.held.countDown();
    assertThat(status(slow)).isEqualTo(204);
  }

  @Test
  void aFailedHandshakeIsAnsweredAndReleasesItsSlot() throws Exception {
    start(FOR_EVER);
    for (int i = 0; i < SLOTS + MAX_WAITING; i++) {
      assertThat(status(handshake("/fails"))).isEqualTo(500);
      assertThat(status(handshake("/unknown"))).isEqualTo(404);
    }
    assertThat(status(handshake("/quick"))).isEqualTo(204);
  }

  @Test
  void manyShedHandshakesAreLoggedOnce(CapturedOutput output) throws Exception {
    start(FOR_EVER);
    fillQueue();
    for (int i = 0; i < 100; i++) {
      assertThat(status(handshake("/held"))).isEqualTo(503);
    }
    assertThat(output.getOut().lines().filter(line -> line.contains("Handshake"))).hasSize(1);
  }
}

package io.heliograph.server;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.support.RawSocket;
import io.heliograph.support.TestAuthority;
import java.net.Socket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import javax.net.ssl.SSLContext;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.server.Server;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.VirtualThreadPool;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.ssl.SslBundle;
import org.springframework.boot.ssl.pem.PemSslStoreBundle;
import org.springframework.boot.ssl.pem.PemSslStoreDetails;

/** The risk: accepted connections are never registered and wait forever. */
class PacedAcceptorTests {

  private static final int MAX_UNANSWERED = 4;
  private static final Duration FOR_EVER = Duration.ofHours(1);

  private final Server server = new Server(new VirtualThreadPool());
  private ServerConnector connector = new ServerConnector(server);
  private final CountDownLatch held = new CountDownLatch(1);
  private final List<RawSocket> open = new ArrayList<>();

  private PacedAcceptor start(Duration maxSilence) throws Exception {
    var acceptor = PacedAcceptor.of(connector, _ -> {}, MAX_UNANSWERED, maxSilence);
    server.addConnector(connector);
    server.setHandler(
        new Handler.Abstract() {
          @Override
          public boolean handle(Request request, Response response, Callback callback)
              throws Exception {
            if (Request.getPathInContext(request).equals("/held")) {
              held.await();
            }
            response.setStatus(204);
            // Called before the test sees the answer, because its next connections rely on it.
            acceptor.answered(request);
            callback.succeeded();
            return true;
          }
        });
    server.start();
    return acceptor;
  }

  @AfterEach
  void stop() throws Exception {
    held.countDown();
    open.forEach(RawSocket::close);
    server.stop();
  }

  private RawSocket connect() {
    RawSocket socket = RawSocket.connect(connector.getLocalPort());
    open.add(socket);
    return socket;
  }

  private static RawSocket ask(RawSocket socket, String path) {
    return socket.send("GET " + path + " HTTP/1.1\r\nHost: a\r\n\r\n");
  }

  private static void isAnswered(RawSocket socket) {
    assertThat(socket.readHead()).startsWith("HTTP/1.1 204");
  }

  private int registered() {
    return connector.getConnectedEndPoints().size();
  }

  @Test
  void newConnectionsWaitWhileOthersAreUnansweredAndEstablishedOnesAreServed() throws Exception {
    PacedAcceptor acceptor = start(FOR_EVER);
    RawSocket early = connect();
    isAnswered(ask(early, "/"));
    List<RawSocket> sockets = new ArrayList<>();
    for (int i = 0; i < 5 * MAX_UNANSWERED; i++) {
      sockets.add(ask(connect(), "/held"));
    }
    await().until(() -> registered() == 1 + MAX_UNANSWERED);
    isAnswered(ask(early, "/"));
    assertThat(registered()).isEqualTo(1 + MAX_UNANSWERED);
    await().until(() -> acceptor.waiting() == 4 * MAX_UNANSWERED);
    held.countDown();
    sockets.forEach(PacedAcceptorTests::isAnswered);
    assertThat(acceptor.waiting()).isZero();
  }

  @Test
  void silentConnectionsDelayOthersForAtMostMaxSilence() throws Exception {
    start(Duration.ofMillis(20));
    for (int i = 0; i < 5 * MAX_UNANSWERED; i++) {
      connect();
    }
    isAnswered(ask(connect(), "/"));
    await().until(() -> registered() == 5 * MAX_UNANSWERED + 1);
  }

  @Test
  void answersOverTlsLetTheNextConnectionsIn(@TempDir Path directory) throws Exception {
    TestAuthority authority = TestAuthority.in(directory, "port");
    var details = PemSslStoreDetails.forCertificate("file:" + authority.certificate());
    SSLContext tls =
        SslBundle.of(
                new PemSslStoreBundle(details.withPrivateKey("file:" + authority.key()), details))
            .createSslContext();
    var forServers = new SslContextFactory.Server();
    forServers.setSslContext(tls);
    connector = new ServerConnector(server, forServers);
    start(FOR_EVER);
    List<Socket> answered = new ArrayList<>();
    try {
      for (int i = 0; i < 3 * MAX_UNANSWERED; i++) {
        Socket socket = tls.getSocketFactory().createSocket("127.0.0.1", connector.getLocalPort());
        answered.add(socket);
        socket.setSoTimeout(10_000);
        socket.getOutputStream().write("GET / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".getBytes(UTF_8));
        assertThat(socket.getInputStream().readNBytes(12)).asString().isEqualTo("HTTP/1.1 204");
      }
    } finally {
      for (Socket socket : answered) {
        socket.close();
      }
    }
  }

  @Test
  void withoutJettysAcceptorsConnectionsAreNotPaced() throws Exception {
    connector = new ServerConnector(server, 0, 1);
    start(FOR_EVER);
    for (int i = 0; i < 2 * MAX_UNANSWERED; i++) {
      connect();
    }
    isAnswered(ask(connect(), "/"));
  }

  @Test
  void waitingConnectionsAreClosedWithThePortAndThePortCanBeReopened() throws Exception {
    start(FOR_EVER);
    for (int i = 0; i < MAX_UNANSWERED; i++) {
      connect();
    }
    await().until(() -> registered() == MAX_UNANSWERED);
    RawSocket waiting = ask(connect(), "/");
    connector.stop();
    assertThat(waiting.ends()).isTrue();
    connector.start();
    isAnswered(ask(connect(), "/"));
  }

  @Test
  void connectionsThatCloseWithoutARequestDelayNoOthers() throws Exception {
    start(FOR_EVER);
    for (int i = 0; i < 5 * MAX_UNANSWERED; i++) {
      connect().close();
    }
    isAnswered(ask(connect(), "/"));
  }

  @Test
  void noConnectionIsLostWhenManyOpenAndCloseConcurrently() throws Exception {
    start(FOR_EVER);
    List<CompletableFuture<Void>> crowds = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      crowds.add(
          CompletableFuture.runAsync(
              () -> {
                for (int j = 0; j < 200; j++) {
                  RawSocket socket = RawSocket.connect(connector.getLocalPort());
                  isAnswered(ask(socket, "/"));
                  socket.close();
                }
              },
              Thread::startVirtualThread));
    }
    assertThat(CompletableFuture.allOf(crowds.toArray(CompletableFuture[]::new)))
        .succeedsWithin(Duration.ofMinutes(1));
  }
}

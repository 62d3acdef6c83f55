package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.hub.HubParts;
import io.heliograph.support.Node;
import io.heliograph.support.NodeBrowser;
import io.heliograph.support.RawFrame;
import io.heliograph.support.RawSocket;
import io.heliograph.support.TestAuthority;
import java.io.ByteArrayOutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntFunction;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The risk: a few clients that send without end keep the threads that read for themselves. Others
 * are then silent, and closed for it.
 */
class FloodTests {

  private static final int BROWSERS = 20;
  private static final int FLOODERS = 2;
  private static final int PUSHES = 20;

  /** Thousands of frames a segment. */
  private static final int PIECE = 64 * 1024;

  private static final RawFrame HALF = RawFrame.fragment(RawFrame.TEXT, "{");

  @Test
  void emptyContinuationsWithoutEnd() throws Exception {
    try (Node node = Node.start()) {
      survives(node, RawSocket::connect, HALF, RawFrame.fragment(RawFrame.CONTINUATION, ""));
    }
  }

  @Test
  void pongsWithoutEnd() throws Exception {
    try (Node node = Node.start()) {
      survives(node, RawSocket::connect, null, RawFrame.of(RawFrame.PONG, new byte[0]));
    }
  }

  @Test
  void pingsWithoutEndWhosePongsAreNotRead() throws Exception {
    try (Node node = Node.start()) {
      survives(node, RawSocket::connect, null, RawFrame.of(RawFrame.PING, new byte[125]));
    }
  }

  @Test
  void oneFrameThatNeverEndsBehindARefusedOne() throws Exception {
    try (Node node = Node.start()) {
      survives(node, RawSocket::connect, null, RawFrame.of(RawFrame.TEXT, new byte[1 << 20]));
    }
  }

  @Test
  void emptyContinuationsOverTls(@TempDir Path files) throws Exception {
    try (Node node = Node.withTls(TestAuthority.in(files, "node"))) {
      HubParts parts = node.context().getBean(HubParts.class);
      var stop = new AtomicBoolean();
      var cut = new AtomicInteger();
      List<Thread> flooders =
          flood(
              node,
              RawSocket::connectTls,
              HALF,
              RawFrame.fragment(RawFrame.CONTINUATION, ""),
              "https://localhost",
              stop,
              cut);
      await().atMost(Duration.ofSeconds(60)).until(() -> cut.get() >= 3 * FLOODERS);
      end(flooders, stop);
      await().atMost(Duration.ofSeconds(60)).until(() -> parts.registry().size() == 0);
    }
  }

  private static void survives(
      Node node, IntFunction<RawSocket> connect, @Nullable RawFrame first, RawFrame again)
      throws Exception {
    HubParts parts = node.context().getBean(HubParts.class);
    List<NodeBrowser> browsers = new ArrayList<>();
    for (int i = 0; i < BROWSERS; i++) {
      browsers.add(node.browser("user" + i));
    }
    var stop = new AtomicBoolean();
    var cut = new AtomicInteger();
    List<Thread> flooders = flood(node, connect, first, again, "http://localhost", stop, cut);
    for (int push = 1; push <= PUSHES; push++) {
      node.push("everyone", "push" + push);
      int expected = push;
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> browsers.stream().allMatch(each -> each.events().size() == expected));
      if (push % 5 == 0) {
        NodeBrowser fresh = node.browser("fresh" + push);
        node.push("user:fresh" + push, "well");
        await().atMost(Duration.ofSeconds(60)).until(() -> fresh.events().contains("well"));
        fresh.close();
        assertThat(node.get("/livez").statusCode()).isEqualTo(200);
      }
    }
    // Each was cut and came again, several times: a client that floods does not stay.
    await().atMost(Duration.ofSeconds(60)).until(() -> cut.get() >= 3 * FLOODERS);
    end(flooders, stop);
    assertThat(browsers).allMatch(NodeBrowser::isOpen);
    browsers.forEach(NodeBrowser::close);
    await().atMost(Duration.ofSeconds(60)).until(() -> parts.registry().size() == 0);
    assertThat(node.metric("heliograph_sessions{protocol=\"heliograph\",transport=\"websocket\"}"))
        .isZero();
  }

  private static List<Thread> flood(
      Node node,
      IntFunction<RawSocket> connect,
      @Nullable RawFrame first,
      RawFrame again,
      String origin,
      AtomicBoolean stop,
      AtomicInteger cut) {
    var piece = new ByteArrayOutputStream();
    while (piece.size() < PIECE) {
      piece.writeBytes(again.masked());
    }
    List<Thread> flooders = new ArrayList<>();
    for (int i = 0; i < FLOODERS; i++) {
      flooders.add(
          Thread.ofPlatform()
              .start(
                  () -> {
                    while (!stop.get()) {
                      floodOnce(
                          connect.apply(node.port()), origin, first, piece.toByteArray(), stop);
                      cut.incrementAndGet();
                    }
                  }));
    }
    return flooders;
  }

  /** Until the node cuts it. */
  private static void floodOnce(
      RawSocket client, String origin, @Nullable RawFrame first, byte[] piece, AtomicBoolean stop) {
    try (client) {
      client.send(RawSocket.handshake("/ws", "Origin: " + origin)).readHead();
      if (first != null) {
        client.send(first);
      }
      while (!stop.get()) {
        client.send(piece);
      }
    } catch (UncheckedIOException e) {
      // As it should be.
    }
  }

  private static void end(List<Thread> flooders, AtomicBoolean stop) throws InterruptedException {
    stop.set(true);
    for (Thread flooder : flooders) {
      flooder.join();
    }
  }
}

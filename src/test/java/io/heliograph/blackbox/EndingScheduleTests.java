package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.hub.HubParts;
import io.heliograph.support.Node;
import io.heliograph.support.RawFrame;
import io.heliograph.support.RawSocket;
import io.heliograph.support.RedisServer;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The risk: a connection that ends at one certain point of its life leaves something behind. Here
 * connections end at every point, in every way, by a schedule that a seed decides; after each round
 * nothing may be left.
 */
class EndingScheduleTests {

  private static final int ROUNDS = 3;
  private static final int CLIENTS = 78;

  /**
   * Nothing but the end itself ends a session, and one that is counted too much is one too many.
   */
  private static final String[] SETTINGS = {
    "heliograph.session.heartbeat=1h", "heliograph.session.max-per-address=" + CLIENTS
  };

  /** How far a client comes before it ends. */
  private enum Point {
    CONNECTED,
    HALF_A_HANDSHAKE,
    HANDSHAKE_SENT,
    ANSWERED,
    WELCOMED,
    HALF_A_HEADER,
    HALF_A_MESSAGE,
    BETWEEN_FRAGMENTS,
    SUBSCRIBING,
    /** While a token is checked, reading is paused. */
    READING_PAUSED,
    WRITE_UNDER_WAY,
    CLOSING,
    REFUSED
  }

  private enum End {
    RESET,
    FIN,
    HALF_CLOSE,
    CLOSE_FRAME,
    CLOSE_FRAME_AND_RESET
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 20_260_729, 4_711})
  void nothingIsLeftInMemory(long seed) throws Exception {
    try (Node node = Node.start(SETTINGS)) {
      rounds(node, seed);
    }
  }

  @Test
  void nothingIsLeftWithRedis() throws Exception {
    try (RedisServer redis = RedisServer.running();
        Node node = Node.on(redis, SETTINGS)) {
      rounds(node, 7);
    }
  }

  /** Nothing hangs, either: a node whose clients end while it says bye stops in good order. */
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {3, 99})
  void nothingIsLeftOfADrain(long seed) throws Exception {
    var random = new Random(seed);
    Node node = Node.start("heliograph.session.heartbeat=1h", "heliograph.drain.duration=2s");
    HubParts parts = node.context().getBean(HubParts.class);
    List<RawSocket> clients = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      RawSocket client = RawSocket.connect(node.port());
      comesTo(Point.WELCOMED, client);
      clients.add(client);
    }
    Thread stopping = Thread.ofPlatform().start(node::close);
    for (RawSocket client : clients) {
      ends(client, End.values()[random.nextInt(End.values().length)]);
    }
    stopping.join();
    assertThat(parts.registry().size()).isZero();
    assertThat(parts.registry().channels()).isZero();
  }

  private static void rounds(Node node, long seed) throws Exception {
    var random = new Random(seed);
    HubParts parts = node.context().getBean(HubParts.class);
    for (int round = 0; round < ROUNDS; round++) {
      List<RawSocket> halfClosed = new ArrayList<>();
      for (int i = 0; i < CLIENTS; i++) {
        Point point = Point.values()[i % Point.values().length];
        End end = End.values()[random.nextInt(End.values().length)];
        RawSocket client = RawSocket.connect(node.port());
        try {
          comesTo(point, client);
          if (random.nextBoolean()) {
            node.push("everyone", "x".repeat(1 + random.nextInt(40)));
          }
        } catch (UncheckedIOException e) {
          // The node ended it first.
        }
        ends(client, end);
        if (end == End.HALF_CLOSE || end == End.CLOSE_FRAME) {
          halfClosed.add(client);
        }
      }
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () -> {
                assertThat(parts.registry().size()).isZero();
                assertThat(parts.registry().channels()).isZero();
                assertThat(
                        node.metric(
                            "heliograph_sessions{protocol=\"heliograph\",transport=\"websocket\"}"))
                    .isZero();
              });
      halfClosed.forEach(RawSocket::close);
    }
    List<RawSocket> all = new ArrayList<>();
    for (int i = 0; i < CLIENTS; i++) {
      RawSocket client = RawSocket.connect(node.port());
      comesTo(Point.WELCOMED, client);
      all.add(client);
    }
    assertThat(parts.registry().size()).as("an address has all its places").isEqualTo(CLIENTS);
    all.forEach(RawSocket::close);
  }

  private static void comesTo(Point point, RawSocket client) {
    String handshake = RawSocket.handshake("/ws", "Origin: http://localhost");
    switch (point) {
      case CONNECTED -> {}
      case HALF_A_HANDSHAKE -> client.send(handshake.substring(0, 60));
      case HANDSHAKE_SENT -> client.send(handshake);
      case ANSWERED -> client.send(handshake).readHead();
      case WELCOMED -> welcomed(client, handshake);
      case HALF_A_HEADER -> welcomed(client, handshake).send(new byte[] {(byte) 0x81});
      case HALF_A_MESSAGE -> {
        byte[] frame = RawFrame.text("{\"type\":\"ping\"}").masked();
        welcomed(client, handshake).send(Arrays.copyOf(frame, frame.length - 3));
      }
      case BETWEEN_FRAGMENTS ->
          welcomed(client, handshake).send(RawFrame.fragment(RawFrame.TEXT, "{\"type\":"));
      case SUBSCRIBING -> welcomed(client, handshake).send(subscribe("everyone"));
      case READING_PAUSED ->
          welcomed(client, handshake)
              .send(
                  subscribe("topic:secret"),
                  RawFrame.text("{\"type\":\"auth\",\"id\":\"1\",\"token\":\"none\"}"),
                  RawFrame.text("{\"type\":\"ping\"}"));
      case WRITE_UNDER_WAY -> {
        welcomed(client, handshake);
        for (int i = 0; i < 90; i++) {
          client.send(RawFrame.of(RawFrame.PING, new byte[125]));
        }
      }
      case CLOSING ->
          welcomed(client, handshake).send(RawFrame.of(RawFrame.TEXT, new byte[1 << 16]));
      case REFUSED -> welcomed(client, handshake).send(new RawFrame(0xFF, new byte[3]));
    }
  }

  private static RawFrame subscribe(String channel) {
    return RawFrame.of(
        RawFrame.TEXT,
        ("{\"type\":\"subscribe\",\"id\":\"1\",\"token\":\"none\",\"channel\":\"" + channel + "\"}")
            .getBytes(StandardCharsets.UTF_8));
  }

  private static RawSocket welcomed(RawSocket client, String handshake) {
    client.send(handshake).readHead();
    client.read();
    return client;
  }

  private static void ends(RawSocket client, End end) {
    try {
      switch (end) {
        case RESET -> client.reset();
        case FIN -> client.close();
        case HALF_CLOSE -> client.halfClose();
        case CLOSE_FRAME -> client.send(RawFrame.close(1000, "")).halfClose();
        case CLOSE_FRAME_AND_RESET -> client.send(RawFrame.close(1000, "")).reset();
      }
    } catch (UncheckedIOException e) {
      // The node ended it first.
    }
  }
}

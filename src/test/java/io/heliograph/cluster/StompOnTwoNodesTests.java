package io.heliograph.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.support.Node;
import io.heliograph.support.RawSocket;
import io.heliograph.support.RedisServer;
import io.heliograph.support.StompTab;
import io.heliograph.support.StompTab.Frame;
import io.heliograph.support.TestBackend;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/**
 * STOMP where each page of a log takes its time. The risk: subscribes overtake each other, or a
 * client that comes to another node misses what it was not sent.
 */
@SuppressWarnings("NullAway.Init") // started before the tests
class StompOnTwoNodesTests {

  private static final String TOPIC = "topic:stomp-";

  private static RedisServer redis;
  private static Node a;
  private static Node b;
  private static int topics;

  private final String topic = TOPIC + topics++;

  @BeforeAll
  static void start() {
    redis = RedisServer.running();
    a = Node.on(redis);
    b = Node.on(redis, "heliograph.stomp.path=/else/stomp", "heliograph.stomp.enabled=true");
    for (Node node : List.of(a, b)) {
      await().until(() -> node.manage("/actuator/health/readiness").statusCode() == 200);
    }
  }

  @AfterAll
  static void stop() {
    for (Node node : new Node[] {a, b}) {
      if (node != null) {
        node.close();
      }
    }
    if (redis != null) {
      redis.close();
    }
  }

  private StompTab tab() {
    return StompTab.connected(a.port(), a.backend().token("alice", topic));
  }

  private static void push(TestBackend from, String channel, int begin, int end) {
    for (int i = begin; i < end; i++) {
      from.pushAll(channel, "" + i);
    }
  }

  private static void receives(StompTab tab, int begin, int end) {
    for (int i = begin; i < end; i++) {
      tab.receives("\"" + i + "\"");
    }
  }

  @Test
  void framesInARowDoNotOvertakeEachOther() {
    try (StompTab tab = tab()) {
      StringBuilder frames = new StringBuilder();
      for (int i = 0; i < 12; i++) {
        frames
            .append("SUBSCRIBE\nid:1\ndestination:" + StompTab.escape(topic))
            .append("\nreceipt:s" + i + "\n\n\0")
            .append("UNSUBSCRIBE\nid:1\nreceipt:u" + i + "\n\n\0");
      }
      tab.sendText(frames + "SUBSCRIBE\nid:last\ndestination:everyone\nreceipt:end\n\n\0");
      for (int i = 0; i < 12; i++) {
        assertThat(tab.next("RECEIPT").header("receipt-id")).isEqualTo("s" + i);
        assertThat(tab.next("RECEIPT").header("receipt-id")).isEqualTo("u" + i);
      }
      assertThat(tab.next("RECEIPT").header("receipt-id")).isEqualTo("end");
    }
  }

  @Test
  void whatIsPushedAnywhereArrivesOnceAndInOrder() {
    try (StompTab tab = tab()) {
      tab.subscribe("1", topic);
      tab.subscribe("2", "/user/queue/inbox");
      push(b.backend(), topic, 0, 50);
      push(b.backend(), "user:alice", 50, 60);
      receives(tab, 0, 60);
      tab.thenNothing();
    }
  }

  /** Each of a page's components comes back with its own position, in one message. */
  @Test
  void componentsResumeTogether() {
    List<String> positions = new ArrayList<>();
    try (StompTab tab = tab()) {
      tab.subscribe("1", topic);
      push(b.backend(), topic, 0, 200);
      for (int i = 0; i < 200; i++) {
        positions.add(tab.next("MESSAGE").header("position"));
      }
    }
    int[] next = {151, 21, 101};
    try (StompTab tab = tab()) {
      StringBuilder frames = new StringBuilder();
      for (int id = 0; id < next.length; id++) {
        frames
            .append("SUBSCRIBE\nid:" + id + "\ndestination:" + StompTab.escape(topic))
            .append("\nsince:" + StompTab.escape(positions.get(next[id] - 1)) + "\n\n\0");
      }
      tab.sendText(frames.toString());
      push(b.backend(), topic, 200, 230);
      while (next[0] + next[1] + next[2] < 3 * 230) {
        Frame message = tab.next("MESSAGE");
        int id = Integer.parseInt(message.header("subscription"));
        assertThat(message.body()).as("of %d", id).isEqualTo("\"" + next[id]++ + "\"");
      }
      tab.thenNothing();
    }
  }

  @Test
  void aClientGoesOnAtAnotherNodeAndAnotherPath() {
    String position;
    try (StompTab tab = tab()) {
      tab.subscribe("1", topic);
      push(a.backend(), topic, 0, 10);
      receives(tab, 0, 9);
      position = tab.next("MESSAGE").header("position");
    }
    push(a.backend(), topic, 10, 20);
    try (RawSocket gone = RawSocket.connect(b.port())) {
      gone.send(RawSocket.handshake("/stomp", "Origin: http://localhost"));
      assertThat(gone.readHead()).startsWith("HTTP/1.1 404 ");
    }
    try (StompTab tab =
        StompTab.openAt(b.port(), "/else/stomp", "Origin: http://localhost")
            .send(
                "CONNECT", "accept-version:1.2", "passcode:" + b.backend().token("alice", topic))) {
      tab.next("CONNECTED");
      tab.send(
          "SUBSCRIBE",
          "id:1",
          "destination:" + StompTab.escape(topic),
          "since:" + StompTab.escape(position));
      receives(tab, 10, 20);
    }
  }

  /** It would not subscribe again by itself, but it connects again. */
  @Test
  void aClientIsSentAwayWhileRedisIsOutOfReach() {
    try (StompTab tab = tab()) {
      redis.kill();
      try {
        tab.send("SUBSCRIBE", "id:1", "destination:" + StompTab.escape(topic));
        tab.closesWith(1013);
      } finally {
        redis.start();
        await().until(() -> a.manage("/actuator/health/readiness").statusCode() == 200);
      }
    }
    await()
        .untilAsserted(
            () -> {
              try (StompTab tab = tab()) {
                assertThat(tab.subscribe("1", topic).command()).isEqualTo("RECEIPT");
              }
            });
  }
}

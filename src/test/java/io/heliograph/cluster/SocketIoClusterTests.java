package io.heliograph.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliograph.support.EngineClient;
import io.heliograph.support.Nginx;
import io.heliograph.support.Node;
import io.heliograph.support.NodeClient;
import io.heliograph.support.NodeProcess;
import io.heliograph.support.Programs;
import io.heliograph.support.RedisServer;
import io.heliograph.support.RequestProxy;
import io.heliograph.support.TestBackend;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;

/**
 * The risk: a session of Socket.IO that one node holds is asked for at another one, or is lost with
 * its node although the client could go on.
 */
@SuppressWarnings("NullAway.Init") // started before the tests
class SocketIoClusterTests {

  private static final String SERVED = "heliograph.socketio.enabled=true";
  private static final String AFFINITY = "heliograph.cluster.affinity=true";
  private static final String PATH = "/socket.io/";
  private static final String TOPIC = "topic:cluster";

  private static RedisServer redis;

  /** Without affinity. */
  private static Node survivor;

  @BeforeAll
  static void start() {
    redis = RedisServer.running();
    survivor = Node.on(redis, SERVED);
  }

  @AfterAll
  static void stop() {
    if (survivor != null) {
      survivor.close();
    }
    if (redis != null) {
      redis.close();
    }
  }

  private static NodeClient client(int port, String transports, String... options) {
    var json =
        TestBackend.JSON
            .createObjectNode()
            .put("transports", transports)
            .put("token", survivor.backend().token("alice", TOPIC));
    for (int i = 0; i < options.length; i += 2) {
      json.put(options[i], options[i + 1]);
    }
    return NodeClient.start(
        "socketio.mjs",
        Programs.npm("socket.io-client@4"),
        "http://127.0.0.1:" + port,
        json.toString());
  }

  private static void push(int from, int to) {
    for (int i = from; i < to; i++) {
      survivor.backend().pushAll(TOPIC, "" + i);
    }
  }

  private static void receives(NodeClient client, int from, int to) {
    for (int i = from; i < to; i++) {
      assertThat(client.until("message").get("data").stringValue()).isEqualTo("" + i);
    }
  }

  @Test
  void pollingIsRefusedWithTheReasonUnlessABalancerKeepsClientsTogether() {
    assertThatThrownBy(() -> EngineClient.polling(survivor.port(), PATH))
        .hasMessageContaining("400 {\"code\":3,\"message\":")
        .hasMessageContaining("heliograph.cluster.affinity=true")
        .hasMessageContaining("transports: ['websocket']");
    try (EngineClient socket =
        EngineClient.onSocket(survivor.port(), PATH, "Origin: http://localhost")) {
      assertThat(socket.next()).startsWith("0{");
    }
  }

  @Test
  void aClientThatKeepsPositionsLosesNothingWhenItsNodeIsKilled() {
    try (NodeProcess victim = NodeProcess.starting(redis, SERVED).awaitStarted();
        RequestProxy proxy = new RequestProxy(victim.port());
        NodeClient client = client(proxy.port(), "websocket", "keepsPositions", "yes")) {
      client.until("welcome");
      push(0, 5);
      receives(client, 0, 5);
      proxy.server(survivor.port());
      victim.kill();
      push(5, 15);
      JsonNode welcome = client.until("welcome").get("data");
      assertThat(welcome.get("recovered").booleanValue()).as("%s", welcome).isTrue();
      receives(client, 5, 15);
    }
  }

  @Test
  void aSessionThatANodeGivesUpIsRecoveredOnAnotherOne() {
    try (Node leaving = Node.on(redis, SERVED);
        RequestProxy proxy = new RequestProxy(leaving.port());
        NodeClient client = client(proxy.port(), "websocket")) {
      client.until("welcome");
      push(0, 5);
      receives(client, 0, 5);
      proxy.server(survivor.port());
      leaving.close();
      push(5, 15);
      JsonNode connected = client.until("connected");
      assertThat(connected.get("recovered").booleanValue()).as("%s", connected).isTrue();
      receives(client, 5, 15);
    }
  }

  @Test
  void behindABalancerThatKeepsClientsTogetherPollingAndUpgradesWork(@TempDir Path directory)
      throws IOException {
    try (Node one = Node.on(redis, SERVED, AFFINITY);
        Node two = Node.on(redis, SERVED, AFFINITY);
        Nginx balancer = Nginx.start(directory, port -> balancer(port, one.port(), two.port()))) {
      for (String transports : new String[] {"polling", "polling,websocket"}) {
        // As many as have to be on both nodes.
        NodeClient[] clients = new NodeClient[6];
        try {
          for (int i = 0; i < clients.length; i++) {
            clients[i] = client(balancer.port(), transports, "cookies", "yes");
            clients[i].until("welcome");
          }
          push(0, 10);
          for (NodeClient client : clients) {
            receives(client, 0, 10);
          }
        } finally {
          for (NodeClient client : clients) {
            if (client != null) {
              client.close();
            }
          }
        }
      }
      assertThat(sessionsOf(one)).isPositive();
      assertThat(sessionsOf(two)).isPositive();
    }
  }

  private static double sessionsOf(Node node) {
    return node.metric(
        "heliograph_handshakes_total{outcome=\"accepted\",protocol=\"socketio\",transport=\"engineio-poll\"}");
  }

  /** As docs/existing-clients.md has it. */
  private static String balancer(int port, int one, int two) {
    return """
    map $cookie_node $node {
      default $cookie_node;
      "" $request_id;
    }
    map $http_upgrade $connection_upgrade {
      default upgrade;
      "" "";
    }
    upstream heliograph {
      hash $node consistent;
      server 127.0.0.1:%d;
      server 127.0.0.1:%d;
    }
    server {
      listen 127.0.0.1:%d;
      location /socket.io/ {
        proxy_pass http://heliograph;
        proxy_http_version 1.1;
        proxy_set_header Host $http_host;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection $connection_upgrade;
        proxy_buffering off;
        add_header Set-Cookie "node=$node; Path=/socket.io/; HttpOnly; SameSite=Lax";
      }
    }
    """
        .formatted(one, two, port);
  }
}

package io.heliograph.cluster;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.support.LogScan;
import io.heliograph.support.Node;
import io.heliograph.support.NodeBrowser;
import io.heliograph.support.RedisServer;
import io.heliograph.support.TestAuthority;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.api.io.TempDir;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;

/**
 * A Redis that requires TLS and a password, with a user that has only the rights documented in
 * docs/operations.md.
 */
@ExtendWith(OutputCaptureExtension.class)
@SuppressWarnings("NullAway.Init") // started before the tests
class RedisAccessRightsTests {

  private static final String PASSWORD = LogScan.secret("pass-of-a-redis-user-0123456789");
  private static final Duration SOON = Duration.ofSeconds(60);

  @TempDir private static Path directory;
  private static TestAuthority authority;
  private static RedisServer redis;
  private static int tlsPort;

  @BeforeAll
  static void start() throws Exception {
    RedisServer.needsVersion(7);
    authority = TestAuthority.in(directory, "redis");
    tlsPort = RedisServer.freePort();
    redis =
        RedisServer.running(
            "--tls-port",
            Integer.toString(tlsPort),
            "--tls-cert-file",
            authority.certificate().toString(),
            "--tls-key-file",
            authority.key().toString(),
            "--tls-ca-cert-file",
            authority.certificate().toString(),
            "--tls-auth-clients",
            "no");
    assertThat(redis.command(documentedRights())).isEqualTo("+OK");
  }

  /** The command in docs/operations.md that creates the user. */
  private static String[] documentedRights() throws Exception {
    List<String> lines =
        Files.readAllLines(Path.of("docs/operations.md")).stream()
            .filter(line -> line.contains("ACL SETUSER heliograph"))
            .toList();
    assertThat(lines).hasSize(1);
    String line = lines.getFirst();
    return line.substring(line.indexOf("ACL SETUSER"))
        .replace("'", "")
        .replace("PASSWORD", PASSWORD)
        .split(" ");
  }

  @AfterAll
  static void stop() {
    if (redis != null) {
      redis.close();
    }
  }

  @Test
  void theDocumentedRightsSuffice(CapturedOutput output) throws Exception {
    try (Node node = node(PASSWORD, authority)) {
      await().atMost(SOON).until(() -> isReady(node));
      try (NodeBrowser alice = node.browser("alice")) {
        assertThat(node.push("user:alice", "one").statusCode()).isEqualTo(202);
        assertThat(node.pushOnce("user:alice", "two", "key-1").statusCode()).isEqualTo(202);
        assertThat(node.pushOnce("user:alice", "two", "key-1").statusCode()).isEqualTo(202);
        alice.receives("one", "two");
      }
      assertThat(node.get("/v1/channels/user:alice/messages").statusCode()).isEqualTo(200);
      assertThat(
              node.backend()
                  .post(
                      "/v1/logins",
                      "{\"provider\":\"app\",\"challenge\":\""
                          + "x".repeat(43)
                          + "\",\"challengeMethod\":\"S256\"}",
                      "Origin",
                      "http://localhost:" + node.port())
                  .status())
          .isEqualTo(201);
      assertThat(output.getAll()).doesNotContain("NOPERM");
    }
  }

  @Test
  void theDocumentedUserHasNoOtherRights() {
    for (String forbidden :
        List.of(
            "FLUSHALL",
            "CONFIG GET requirepass",
            "KEYS *",
            "GET another:key",
            "SET another:key value",
            "PUBLISH another:channel text",
            "SUBSCRIBE another:channel",
            "ACL LIST",
            "SHUTDOWN",
            "DEBUG SLEEP 0",
            "SCRIPT FLUSH",
            "REPLICAOF NO ONE",
            "CLIENT KILL TYPE normal")) {
      List<String> command = new ArrayList<>(List.of("ACL", "DRYRUN", "heliograph"));
      command.addAll(List.of(forbidden.split(" ")));
      assertThat(redis.text(command.toArray(String[]::new)))
          .as(forbidden)
          .contains("no permissions");
    }
  }

  @Test
  void aWrongPasswordIsLoggedWithoutItsValue(CapturedOutput output) throws Exception {
    String wrong = LogScan.secret("wrong-pass-of-a-redis-user-987654321");
    try (Node node = node(wrong, authority)) {
      assertNotConnected(node);
      await().atMost(SOON).until(() -> output.getAll().contains("WRONGPASS"));
      assertThat(output.getAll()).doesNotContain(wrong);
    }
  }

  @Test
  void aServerWithACertificateOfAnotherAuthorityIsNotTrusted(CapturedOutput output)
      throws Exception {
    TestAuthority another = TestAuthority.in(directory, "another");
    try (Node node = node(PASSWORD, another)) {
      assertNotConnected(node);
      await().atMost(SOON).until(() -> output.getAll().contains("Redis cannot be reached"));
      assertThat(output.getAll()).doesNotContain(PASSWORD);
    }
  }

  private static void assertNotConnected(Node node) throws Exception {
    assertThat(isReady(node)).isFalse();
    assertThat(node.push("user:alice", "no").statusCode()).isEqualTo(503);
    assertThat(isReady(node)).isFalse();
  }

  private static Node node(String password, TestAuthority trusted) {
    return Node.on(
        tlsPort,
        "spring.data.redis.host=127.0.0.1",
        "spring.data.redis.username=heliograph",
        "spring.data.redis.password=" + password,
        "spring.data.redis.ssl.bundle=redis",
        "spring.ssl.bundle.pem.redis.truststore.certificate=file:" + trusted.certificate());
  }

  private static boolean isReady(Node node) throws Exception {
    return node.manage("/actuator/health/readiness").statusCode() == 200;
  }
}

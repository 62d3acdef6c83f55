package io.heliograph.login;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.login.LoginCalls.Answer;
import io.heliograph.support.Node;
import io.heliograph.support.RedisServer;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * A complete login on a Redis Cluster. The cluster has one server, which also refuses a script
 * whose keys do not share a hash tag.
 */
class RedisClusterLoginTests {

  @Test
  void eachStepOfALoginUsesOneHashSlot() throws Exception {
    try (RedisServer redis = RedisServer.running("--cluster-enabled", "yes")) {
      List<String> slots = new ArrayList<>(List.of("CLUSTER", "ADDSLOTS"));
      IntStream.range(0, 16_384).mapToObj(Integer::toString).forEach(slots::add);
      assertThat(redis.command(slots.toArray(String[]::new))).isEqualTo("+OK");
      await().until(() -> redis.command("SET", "up", "1").equals("+OK"));
      try (Node node =
          Node.start(
              "heliograph.broker=redis",
              "spring.data.redis.cluster.nodes=127.0.0.1:" + redis.port(),
              "heliograph.security.api-keys[0].key=" + LoginCalls.KEY,
              "heliograph.security.api-keys[0].scopes=admin",
              "heliograph.login.match-code=false")) {
        await().until(() -> node.manage("/actuator/health/readiness").statusCode() == 200);
        login(new LoginCalls(node.port()), node.port());
      }
    }
  }

  private static void login(LoginCalls calls, int port) {
    Answer login =
        calls
            .call(
                "POST",
                "/v1/logins",
                null,
                "{\"challenge\":\"" + BearerSecrets.hash(LoginCalls.VERIFIER) + "\"}",
                "Idempotency-Key",
                UUID.randomUUID().toString())
            .hasStatus(201);
    String ticket = login.text("ticket");
    try (SubscribedBrowser browser = new SubscribedBrowser(port)) {
      browser.follow(ticket, login.text("watchToken")).snapshot();
      calls.scan(ticket).hasStatus(200);
      assertThat(browser.state().path("state").asString()).isEqualTo("SCANNED");
      calls.confirm(ticket, 0).hasStatus(200);
      assertThat(browser.state().path("state").asString()).isEqualTo("CONFIRMED");
      String code = calls.exchange(login).hasStatus(200).text("grantCode");
      calls.redeem(code).hasStatus(200);
      calls.redeem(code).hasStatus(404);
    }
  }
}

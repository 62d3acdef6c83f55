package io.heliograph.browser;

import io.heliograph.support.Node;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * The risk: where streams and polls are opened anew all the time, for a subscription, a token or a
 * lost connection, a message falls between two of them or comes twice.
 */
@TestInstance(Lifecycle.PER_CLASS)
class NetworkChaosTests {

  private Node node;

  @BeforeAll
  void start() {
    node = Node.start();
  }

  @AfterAll
  void stop() {
    node.close();
  }

  @ParameterizedTest(name = "{0}, seed {1}")
  @CsvSource({"sse, 1", "sse, 2", "poll, 1", "poll, 2"})
  void everyMessageArrivesOnceAndInOrder(String transport, int seed) throws Exception {
    ClientBuild.execute(
        List.of(
            ClientBuild.executable(
                "node", "to run the client on a bad network install Node.js 20 or newer"),
            "src/test/js/network-chaos.mjs",
            Path.of("src/main/js/heliograph.js").toUri().toString(),
            String.valueOf(node.port()),
            Node.API_KEY,
            transport,
            String.valueOf(seed)),
        Map.of());
  }
}

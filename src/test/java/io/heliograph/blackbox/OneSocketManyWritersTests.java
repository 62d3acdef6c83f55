package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.hub.HubParts;
import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.session.Session;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import tools.jackson.databind.JsonNode;

/** The risk: frames of many writers are mixed on one line (case 71 of the QR login's list). */
class OneSocketManyWritersTests extends BlackBox {

  private static final int PUSHES = 1_000;

  @Autowired HubParts parts;

  @Test
  void aThousandPushesAtOnceAndPingsBetweenThemArriveWholeAndInOrder() {
    String user = fresh("busy");
    var tab = browser.connect(user);
    Channel channel = Channel.parse("user:" + user);
    Session session = parts.registry().subscribers(channel)[0].session();
    List<CompletableFuture<?>> pushes = new ArrayList<>();
    try (ExecutorService threads = Executors.newFixedThreadPool(20)) {
      for (int i = 0; i < PUSHES; i++) {
        String data = "\"" + i + ":" + "x".repeat(i % 300) + "\"";
        pushes.add(
            CompletableFuture.runAsync(
                () -> parts.publisher().publish(channel, Draft.of("m", data, Instant.now())).join(),
                threads));
        if (i % 25 == 0) {
          pushes.add(CompletableFuture.runAsync(session.pings()::ping, threads));
        }
      }
    }
    CompletableFuture.allOf(pushes.toArray(CompletableFuture<?>[]::new)).join();

    Set<String> arrived = new HashSet<>();
    long last = 0;
    for (int i = 0; i < PUSHES; i++) {
      JsonNode message = tab.next("message");
      long offset = Long.parseLong(message.path("position").asString().replaceAll(".*:", ""));
      assertThat(offset).isEqualTo(last + 1);
      last = offset;
      arrived.add(message.path("data").asString());
    }
    assertThat(arrived).hasSize(PUSHES);
    tab.thenNothing();
  }
}

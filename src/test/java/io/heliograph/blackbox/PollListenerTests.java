package io.heliograph.blackbox;

import io.heliograph.support.TestPoller;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Long polling: one client's answers as one conversation. */
class PollListenerTests extends ListenerContract {

  private static final int WAIT_SECONDS = 15;

  @Override
  Listener listen(@Nullable String token, @Nullable String since, String... channels) {
    String[] headers =
        token == null
            ? new String[] {"Sec-Fetch-Site", "same-origin"}
            : new String[] {"Authorization", "Bearer " + token};
    String query = channels.length == 0 ? "" : "channel=" + String.join("&channel=", channels);
    return new Polling(new TestPoller(port, query, since, headers));
  }

  private static final class Polling implements Listener {

    private final TestPoller poller;
    private final ArrayDeque<Map<String, String>> arrived = new ArrayDeque<>();

    /** The next poll, under way from the moment that the last was answered. */
    private @Nullable CompletableFuture<JsonNode> next;

    Polling(TestPoller poller) {
      this.poller = poller;
      JsonNode first = poller.poll(0);
      Map<String, String> welcome = new LinkedHashMap<>();
      welcome.put("type", "welcome");
      welcome.put("session", first.path("session").asString());
      welcome.put("recovered", first.path("recovered").toString());
      welcome.put("lost", first.path("lost").toString());
      arrived.add(welcome);
      take(first);
    }

    private void take(JsonNode answer) {
      for (JsonNode message : answer.path("messages")) {
        JsonNode data = message.path("data");
        arrived.add(
            Map.of("type", "message", "data", data.isString() ? data.stringValue() : "" + data));
      }
      JsonNode bye = answer.path("bye");
      if (bye.isObject()) {
        boolean comesBack = !bye.path("reconnectAfterMs").isNull();
        arrived.add(
            Map.of(
                "type", "bye",
                "reason", bye.path("reason").asString(),
                "comeBack", String.valueOf(comesBack)));
        arrived.add(Map.of("type", "closed"));
      } else {
        asks();
      }
    }

    private void asks() {
      next =
          CompletableFuture.supplyAsync(
              () -> poller.poll(WAIT_SECONDS), Thread::startVirtualThread);
    }

    @Override
    public Map<String, String> next() {
      for (int polls = 0; arrived.isEmpty() && polls < 3; polls++) {
        take(Objects.requireNonNull(next).join());
      }
      return Objects.requireNonNull(arrived.poll(), "three polls brought nothing");
    }

    @Override
    public String position() {
      return Objects.requireNonNull(poller.position());
    }

    /** A request with a body; the connection is not the client's to send anything else on. */
    @Override
    public void sendGarbage() {}

    /** It asks nothing more until it reads on. */
    @Override
    public void stopsReading() {}

    @Override
    public void readsOn() {}

    @Override
    public void close() {}
  }

  @Override
  int statusOfReturn(String position) {
    return new TestPoller(port, "", position, "Sec-Fetch-Site", "same-origin").ask(0).status();
  }
}

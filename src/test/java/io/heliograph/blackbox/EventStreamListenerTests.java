package io.heliograph.blackbox;

import io.heliograph.support.TestBackend;
import io.heliograph.support.TestStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/** Server-Sent Events. */
class EventStreamListenerTests extends ListenerContract {

  @Override
  Listener listen(@Nullable String token, @Nullable String since, String... channels) {
    List<String> headers = new ArrayList<>();
    headers.add(token == null ? "Sec-Fetch-Site: same-origin" : "Authorization: Bearer " + token);
    if (since != null) {
      headers.add("Last-Event-ID: " + since);
    }
    String query = channels.length == 0 ? "" : "?channel=" + String.join("&channel=", channels);
    TestStream stream = TestStream.get(port, "/events" + query, headers.toArray(String[]::new));
    if (stream.status() != 200) {
      stream.close();
      throw new AssertionError(stream.head());
    }
    return new Listener() {
      @Override
      public Map<String, String> next() {
        TestStream.Event event = stream.next();
        return event.type().equals("closed") ? Map.of("type", "closed") : fields(event);
      }

      @Override
      public String position() {
        return stream.lastEventId();
      }

      @Override
      public void sendGarbage() {
        stream.sends("x".repeat(2000));
        stream.next("closed");
      }

      @Override
      public void stopsReading() {
        stream.stopsReading();
      }

      @Override
      public void readsOn() {
        stream.readsOn();
      }

      @Override
      public void close() {
        stream.close();
      }
    };
  }

  private static Map<String, String> fields(TestStream.Event event) {
    Map<String, String> fields = new LinkedHashMap<>();
    fields.put("type", event.type());
    JsonNode data = TestBackend.JSON.readTree(event.data());
    if (event.type().equals("message")) {
      fields.put("data", data.isString() ? data.stringValue() : data.toString());
      return fields;
    }
    data.properties()
        .forEach(
            field -> {
              JsonNode value = field.getValue();
              fields.put(field.getKey(), value.isString() ? value.stringValue() : value.toString());
            });
    if (data.has("reconnectAfterMs")) {
      fields.put("comeBack", String.valueOf(!data.get("reconnectAfterMs").isNull()));
    }
    return fields;
  }

  @Override
  int statusOfReturn(String position) {
    try (TestStream stream =
        TestStream.get(
            port, "/events", "Sec-Fetch-Site: same-origin", "Last-Event-ID: " + position)) {
      return stream.status();
    }
  }
}

package io.heliograph.blackbox;

import io.heliograph.support.TestTab;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;

/** Version 1 of the protocol on a real WebSocket. */
class WebSocketConversationTests extends ConversationContract {

  @Override
  Client connect(@Nullable String token) {
    TestTab tab = token == null ? browser.connectAnonymously() : browser.withToken(token);
    return new Client() {
      private boolean welcomed;

      @Override
      public void send(Map<String, String> request) {
        var frame = JsonNodeFactory.instance.objectNode();
        request.forEach(frame::put);
        tab.send(frame.toString());
      }

      @Override
      public void sendGarbage() {
        tab.send("garbage");
      }

      @Override
      public Map<String, String> next() {
        if (!welcomed) {
          welcomed = true;
          return fields(tab.welcome());
        }
        return fields(tab.next());
      }

      @Override
      public void stopsReading() {
        tab.stopsReading();
      }

      @Override
      public void readsOn() {
        tab.readsOn();
      }

      @Override
      public void close() {
        tab.cut();
      }
    };
  }

  static Map<String, String> fields(JsonNode frame) {
    Map<String, String> fields = new LinkedHashMap<>();
    frame
        .properties()
        .forEach(
            field -> {
              JsonNode value = field.getValue();
              fields.put(field.getKey(), value.isString() ? value.stringValue() : value.toString());
            });
    if (frame.has("problem")) {
      fields.put("problem", frame.at("/problem/type").stringValue());
      fields.put("status", frame.at("/problem/status").toString());
    }
    JsonNode retryAfter = frame.at("/problem/retryAfterMs");
    if (retryAfter.isNumber()) {
      fields.put("retryAfter", Duration.ofMillis(retryAfter.longValue()).toString());
    }
    if (frame.has("reconnectAfterMs")) {
      fields.put("comeBack", String.valueOf(!frame.get("reconnectAfterMs").isNull()));
    }
    return fields;
  }
}

package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.support.StompTab;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** STOMP on a real WebSocket. Its client subscribes to its own channels, as pages do. */
class StompConversationTests extends ConversationContract {

  private static final String ERRORS = "/user/queue/errors";

  @Override
  Client connect(@Nullable String token) {
    return new StompClient(StompTab.connecting(port, token));
  }

  /** There is no second login: the first is late by nature. */
  @Override
  @Test
  void anIdentityThatComesLateGetsWhatWasQueued() {
    backend.pushAll("user:" + user, "waiting");
    try (Client client = connect(backend.token(user))) {
      welcome(client);
      receives(client, "waiting");
    }
  }

  @Override
  @Test
  void aRefusedTokenLeavesTheSessionAsItWas() {
    try (Client client = connect(backend.token(user))) {
      welcome(client);
      assertThat(ask(client, "subscribe", "channel", topic, "token", "nonsense").get("status"))
          .isEqualTo("403");
      backend.pushAll("user:" + user, "still me");
      receives(client, "still me");
    }
  }

  /** It comes with the next connection. */
  @Override
  @Test
  void aRenewedTokenGivesTheRightToPublish() {
    try (Client client = connect(backend.token(user, topic))) {
      welcome(client);
      assertThat(publish(client, topic).get("status")).isEqualTo("403");
    }
    try (Client client = connect(backend.sender(user, topic))) {
      welcome(client);
      assertThat(publish(client, topic).get("type")).isEqualTo("published");
    }
  }

  /** A client need not know that a subscription was refused or has ended. */
  @Override
  @Test
  void aChannelWithoutASubscriptionCannotBeUnsubscribed() {
    try (Client client = connect(null)) {
      welcome(client);
      assertThat(ask(client, "unsubscribe", "channel", topic).get("type"))
          .isEqualTo("unsubscribed");
    }
  }

  /** Fields of version 1 as frames, and frames as such fields. */
  private static final class StompClient implements Client {

    private final StompTab tab;
    private final Map<String, String> requests = new LinkedHashMap<>();
    private final Map<String, String> channels = new LinkedHashMap<>();
    private final Deque<Map<String, String>> waiting = new ArrayDeque<>();

    StompClient(StompTab tab) {
      this.tab = tab;
    }

    @Override
    public void send(Map<String, String> request) {
      String id = request.get("id");
      String channel = request.getOrDefault("channel", "");
      String type = request.getOrDefault("type", "");
      if (id != null) {
        requests.put(id, type);
      }
      Map<String, String> headers = new LinkedHashMap<>();
      put(headers, "receipt", id);
      switch (type) {
        case "subscribe" -> {
          String name = "sub-" + channel;
          if (channels.put(name, channel) != null) {
            tab.send("UNSUBSCRIBE", "id:" + StompTab.escape(name));
          }
          put(headers, "id", name);
          put(headers, "destination", channel);
          put(headers, "token", request.get("token"));
          put(headers, "since", request.get("since"));
          put(headers, "ack", "client");
          tab.send("SUBSCRIBE", lines(headers));
        }
        case "unsubscribe" -> {
          put(headers, "id", "sub-" + channel);
          tab.send("UNSUBSCRIBE", lines(headers));
        }
        case "ack" -> {
          put(headers, "id", request.get("position") + "~sub-" + channel);
          tab.send("ACK", lines(headers));
        }
        case "publish" -> {
          put(headers, "destination", channel);
          put(headers, "event", request.get("event"));
          put(headers, "idempotencyKey", request.get("idempotencyKey"));
          String json = JsonMapper.shared().writeValueAsString(request.get("data"));
          tab.sendBody(json, "SEND", lines(headers));
        }
        case "call" -> {
          put(headers, "destination", "/app/" + request.get("method"));
          tab.sendBody(request.getOrDefault("data", ""), "SEND", lines(headers));
        }
        // Asks for nothing, and is answered.
        case "ping" -> tab.send("NACK", lines(headers));
        default -> throw new IllegalArgumentException(type);
      }
    }

    private static void put(Map<String, String> headers, String name, @Nullable String value) {
      if (value != null) {
        headers.put(name, value);
      }
    }

    private static String[] lines(Map<String, String> headers) {
      return headers.entrySet().stream()
          .map(header -> header.getKey() + ':' + StompTab.escape(header.getValue()))
          .toArray(String[]::new);
    }

    @Override
    public void sendGarbage() {
      tab.sendText("garbage\n\n\0");
    }

    @Override
    public Map<String, String> next() {
      while (waiting.isEmpty()) {
        arrived(tab.next());
      }
      return waiting.remove();
    }

    private void arrived(StompTab.Frame frame) {
      switch (frame.command()) {
        case "CONNECTED" -> connected(frame);
        case "RECEIPT" -> receipt(frame);
        case "MESSAGE" -> message(frame);
        case "ERROR" -> assertThat(frame.header("come-back")).isEqualTo("false");
        default -> {
          String code = frame.header("code");
          waiting.add(Map.of("type", "bye", "reason", reason(code), "comeBack", comeBack(code)));
          waiting.add(Map.of("type", "closed", "code", code));
        }
      }
    }

    private static String reason(String code) {
      return switch (code) {
        case "1001" -> "drain";
        case "4400" -> "bad_frame";
        case "4401" -> "token";
        case "4429" -> "too_many";
        default -> code;
      };
    }

    private static String comeBack(String code) {
      return String.valueOf(code.equals("1001") || code.equals("4429"));
    }

    private void connected(StompTab.Frame frame) {
      tab.subscribe("errors", ERRORS);
      tab.subscribe("everyone", "/topic/everyone");
      String user = frame.headers().get("user-name");
      Map<String, String> welcome = new LinkedHashMap<>();
      welcome.put("type", "welcome");
      welcome.put("session", frame.header("session"));
      put(welcome, "user", user);
      put(welcome, "expires", frame.headers().get("expires"));
      waiting.add(welcome);
      if (user != null) {
        tab.send("SUBSCRIBE", "id:sub-user\\c" + user, "destination:/user/queue/any", "ack:client");
      }
    }

    private void receipt(StompTab.Frame frame) {
      String id = frame.header("receipt-id");
      Map<String, String> fields = new LinkedHashMap<>(frame.headers());
      fields.put("id", id);
      fields.put(
          "type",
          switch (requests.getOrDefault(id, "ping")) {
            case "subscribe" -> "subscribed";
            case "unsubscribe" -> "unsubscribed";
            case "publish" -> "published";
            default -> "pong";
          });
      put(fields, "message", frame.headers().get("message-id"));
      waiting.add(fields);
    }

    private void message(StompTab.Frame frame) {
      Map<String, String> fields = new LinkedHashMap<>(frame.headers());
      JsonNode body = JsonMapper.shared().readTree(frame.body());
      if (frame.header("event").equals("error")) {
        fields.put("type", "error");
        put(fields, "id", frame.headers().get("receipt-id"));
        fields.put("problem", body.path("type").stringValue());
        fields.put("status", body.path("status").toString());
        if (body.has("retryAfterMs")) {
          fields.put(
              "retryAfter", Duration.ofMillis(body.get("retryAfterMs").longValue()).toString());
        }
        if (!frame.header("destination").equals(ERRORS)) {
          channels.remove(frame.header("subscription"));
        }
      } else {
        fields.put("type", frame.header("event").equals("gap") ? "gap" : "message");
        fields.put("data", body.isString() ? body.stringValue() : body.toString());
      }
      waiting.add(fields);
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
      tab.close();
    }
  }
}

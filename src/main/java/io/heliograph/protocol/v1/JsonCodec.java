package io.heliograph.protocol.v1;

import io.heliograph.message.Channel;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import io.heliograph.session.Codec;
import io.heliograph.session.Payload;
import io.heliograph.session.ServerEvent;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** What the server says in version 1: one JSON object a text frame, its {@code type} first. */
public final class JsonCodec implements Codec {

  /** As metrics name it. */
  public static final String PROTOCOL = "heliograph";

  /** The sub-protocol's name; also spoken when none is asked for. */
  static final String NAME = "heliograph.v1.json";

  private static final JsonFactory JSON = new JsonFactory();

  @Override
  public Payload encode(ServerEvent event) {
    var bytes = new JsonBytes();
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), bytes)) {
      json.writeStartObject();
      write(json, event);
      json.writeEndObject();
    }
    return bytes.payload();
  }

  private static void write(JsonGenerator json, ServerEvent frame) {
    switch (frame) {
      case ServerEvent.Welcome welcome -> {
        json.writeStringProperty("type", "welcome");
        json.writeStringProperty("session", welcome.session());
        json.writeNumberProperty("heartbeat", welcome.heartbeat().toMillis());
        text(json, "user", welcome.user());
        time(json, "expires", welcome.expires());
        json.writeStringProperty("time", welcome.time().toString());
        positions(json, welcome.positions());
        if (!welcome.lost().isEmpty()) {
          json.writeArrayPropertyStart("lost");
          welcome.lost().forEach(channel -> json.writeString(channel.text()));
          json.writeEndArray();
        }
      }
      case ServerEvent.Subscribed subscribed -> {
        json.writeStringProperty("type", "subscribed");
        raw(json, "id", subscribed.id());
        place(json, subscribed.channel(), subscribed.position());
        json.writeBooleanProperty("recovered", subscribed.recovered());
        time(json, "expires", subscribed.expires());
        raw(json, "state", subscribed.state());
      }
      case ServerEvent.Unsubscribed unsubscribed -> {
        json.writeStringProperty("type", "unsubscribed");
        raw(json, "id", unsubscribed.id());
      }
      case ServerEvent.Delivery delivery -> {
        Message message = delivery.message();
        json.writeStringProperty("type", "message");
        place(json, message.channel(), message.position());
        json.writeStringProperty("id", message.id());
        json.writeStringProperty("event", message.event());
        text(json, "from", message.from());
        raw(json, "data", message.data());
        json.writeStringProperty("time", message.time().toString());
      }
      case ServerEvent.Gap gap -> {
        json.writeStringProperty("type", "gap");
        place(json, gap.channel(), gap.position());
      }
      case ServerEvent.Refusal refusal -> {
        json.writeStringProperty("type", "error");
        raw(json, "id", refusal.id());
        text(json, "channel", refusal.channel() == null ? null : refusal.channel().text());
        json.writeObjectPropertyStart("problem");
        json.writeStringProperty("type", refusal.problem().type());
        json.writeStringProperty("title", refusal.problem().title());
        json.writeNumberProperty("status", refusal.problem().status());
        text(json, "detail", refusal.problem().detail());
        Duration retryAfter = refusal.problem().retryAfter();
        if (retryAfter != null) {
          json.writeNumberProperty("retryAfterMs", retryAfter.toMillis());
        }
        json.writeEndObject();
      }
      case ServerEvent.Published published -> {
        json.writeStringProperty("type", "published");
        raw(json, "id", published.id());
        json.writeStringProperty("message", published.message());
        json.writeStringProperty("position", published.position().text());
        if (published.repeated()) {
          json.writeBooleanProperty("repeated", true);
        }
      }
      case ServerEvent.Result result -> {
        json.writeStringProperty("type", "result");
        raw(json, "id", result.id());
        raw(json, "data", result.data());
      }
      case ServerEvent.UploadReady ready -> {
        json.writeStringProperty("type", "ready");
        raw(json, "id", ready.id());
      }
      case ServerEvent.Pong pong -> {
        json.writeStringProperty("type", "pong");
        raw(json, "id", pong.id());
      }
      case ServerEvent.Authenticated authenticated -> {
        json.writeStringProperty("type", "authenticated");
        raw(json, "id", authenticated.id());
        text(json, "user", authenticated.user());
        time(json, "expires", authenticated.expires());
        positions(json, authenticated.positions());
      }
      case ServerEvent.Bye bye -> {
        json.writeStringProperty("type", "bye");
        json.writeStringProperty("reason", bye.reason());
        json.writeName("reconnectAfterMs");
        if (bye.reconnectAfter() == null) {
          json.writeNull();
        } else {
          json.writeNumber(bye.reconnectAfter().toMillis());
        }
      }
    }
  }

  private static void positions(JsonGenerator json, Map<Channel, Position> positions) {
    json.writeObjectPropertyStart("positions");
    for (Map.Entry<Channel, Position> each : positions.entrySet()) {
      json.writeStringProperty(each.getKey().text(), each.getValue().text());
    }
    json.writeEndObject();
  }

  private static void place(JsonGenerator json, Channel channel, Position position) {
    json.writeStringProperty("channel", channel.text());
    json.writeStringProperty("position", position.text());
  }

  private static void text(JsonGenerator json, String name, @Nullable String value) {
    if (value != null) {
      json.writeStringProperty(name, value);
    }
  }

  private static void time(JsonGenerator json, String name, @Nullable Instant value) {
    text(json, name, value == null ? null : value.toString());
  }

  private static void raw(JsonGenerator json, String name, @Nullable String value) {
    if (value != null) {
      json.writeName(name);
      json.writeRawValue(value);
    }
  }

  /** What was written, without a copy. */
  private static final class JsonBytes extends ByteArrayOutputStream {

    JsonBytes() {
      super(192);
    }

    Payload payload() {
      return new Payload(ByteBuffer.wrap(buf, 0, count));
    }
  }
}

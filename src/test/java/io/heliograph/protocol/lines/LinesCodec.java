package io.heliograph.protocol.lines;

import io.heliograph.message.Channel;
import io.heliograph.message.Position;
import io.heliograph.session.Codec;
import io.heliograph.session.Payload;
import io.heliograph.session.ServerEvent;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** One field a line, its name before the first blank; the first is the type. */
final class LinesCodec implements Codec {

  @Override
  public Payload encode(ServerEvent event) {
    StringBuilder text = new StringBuilder();
    fields(event)
        .forEach((name, value) -> text.append(name).append(' ').append(value).append('\n'));
    return Payload.of(text.toString());
  }

  static Map<String, String> decode(String text) {
    Map<String, String> fields = new LinkedHashMap<>();
    for (String line : text.split("\n", -1)) {
      int blank = line.indexOf(' ');
      if (blank > 0) {
        fields.put(line.substring(0, blank), line.substring(blank + 1));
      }
    }
    return fields;
  }

  private static Map<String, String> fields(ServerEvent event) {
    Map<String, String> fields = new LinkedHashMap<>();
    switch (event) {
      case ServerEvent.Welcome welcome -> {
        put(fields, "type", "welcome");
        put(fields, "session", welcome.session());
        put(fields, "user", welcome.user());
        put(fields, "expires", welcome.expires());
        welcome.positions().forEach((channel, at) -> fields.put("at/" + channel.text(), at.text()));
      }
      case ServerEvent.Subscribed answer -> {
        put(fields, "type", "subscribed");
        put(fields, "id", answer.id());
        place(fields, answer.channel(), answer.position());
        put(fields, "recovered", answer.recovered());
        put(fields, "expires", answer.expires());
      }
      case ServerEvent.Unsubscribed answer -> {
        put(fields, "type", "unsubscribed");
        put(fields, "id", answer.id());
      }
      case ServerEvent.Delivery delivery -> {
        put(fields, "type", "message");
        place(fields, delivery.message().channel(), delivery.message().position());
        put(fields, "event", delivery.message().event());
        put(fields, "from", delivery.message().from());
        put(fields, "data", delivery.message().data());
      }
      case ServerEvent.Gap gap -> {
        put(fields, "type", "gap");
        place(fields, gap.channel(), gap.position());
      }
      case ServerEvent.Refusal refusal -> {
        put(fields, "type", "error");
        put(fields, "id", refusal.id());
        put(fields, "channel", refusal.channel() == null ? null : refusal.channel().text());
        put(fields, "problem", refusal.problem().type());
        put(fields, "status", refusal.problem().status());
        put(fields, "retryAfter", refusal.problem().retryAfter());
      }
      case ServerEvent.Published published -> {
        put(fields, "type", "published");
        put(fields, "id", published.id());
        put(fields, "message", published.message());
        put(fields, "position", published.position().text());
        put(fields, "repeated", published.repeated() ? "true" : null);
      }
      case ServerEvent.Result result -> {
        put(fields, "type", "result");
        put(fields, "id", result.id());
        put(fields, "data", result.data());
      }
      case ServerEvent.UploadReady ready -> {
        put(fields, "type", "ready");
        put(fields, "id", ready.id());
      }
      case ServerEvent.Pong pong -> {
        put(fields, "type", "pong");
        put(fields, "id", pong.id());
      }
      case ServerEvent.Authenticated answer -> {
        put(fields, "type", "authenticated");
        put(fields, "id", answer.id());
        put(fields, "user", answer.user());
        put(fields, "expires", answer.expires());
      }
      case ServerEvent.Bye bye -> {
        put(fields, "type", "bye");
        put(fields, "reason", bye.reason());
        put(fields, "comeBack", bye.reconnectAfter() != null);
      }
    }
    return fields;
  }

  private static void place(Map<String, String> fields, Channel channel, Position position) {
    put(fields, "channel", channel.text());
    put(fields, "position", position.text());
  }

  private static void put(Map<String, String> fields, String name, @Nullable Object value) {
    if (value != null) {
      fields.put(name, value.toString());
    }
  }
}

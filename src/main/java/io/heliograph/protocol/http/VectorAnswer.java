package io.heliograph.protocol.http;

import io.heliograph.message.Channel;
import io.heliograph.message.Position;
import io.heliograph.session.Encoding;
import io.heliograph.session.Framing;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.json.JsonFactory;

/** One object with a vector of positions and the messages. */
final class VectorAnswer implements PollAnswer {

  private static final Encoding ENCODING = new Encoding(new PollCodec(), Framing.NONE);

  private static final JsonFactory JSON = new JsonFactory();

  private final Map<Channel, @Nullable Position> positions = new LinkedHashMap<>();
  private final Set<Channel> lost = new LinkedHashSet<>();
  private final List<ByteBuffer> messages = new ArrayList<>();
  private String session = "";
  private int bytes;
  private boolean more;
  private PollCodec.@Nullable Ended bye;

  @Override
  public Encoding encoding() {
    return ENCODING;
  }

  @Override
  public boolean add(ByteBuffer frame) {
    PollCodec.Part part = PollCodec.decode(frame);
    return part == null || add(part);
  }

  private boolean add(PollCodec.Part part) {
    if (more) {
      // Something of it was left out, and what comes later must not overtake that.
      return part instanceof PollCodec.Ended end && end(end);
    }
    switch (part) {
      case PollCodec.Begun begun -> {
        session = begun.session();
        for (PollCodec.Start start : begun.starts()) {
          positions.put(start.channel(), start.position());
          if (start.lost()) {
            lost.add(start.channel());
          }
        }
      }
      case PollCodec.MessagePart message -> {
        int size = message.json().remaining();
        if (!messages.isEmpty() && (messages.size() == MAX_MESSAGES || bytes + size > MAX_BYTES)) {
          more = true;
          return false;
        }
        messages.add(message.json());
        bytes += size;
        reached(message.channel(), message.position());
      }
      case PollCodec.Missing missing -> {
        lost.add(missing.channel());
        reached(missing.channel(), missing.position());
      }
      case PollCodec.Ended end -> {
        return end(end);
      }
    }
    return true;
  }

  private boolean end(PollCodec.Ended end) {
    bye = end;
    return true;
  }

  /** The session's own channel is in no vector: the next poll is another session. */
  private void reached(Channel channel, Position position) {
    if (positions.containsKey(channel)) {
      positions.put(channel, position);
    }
  }

  @Override
  public boolean isNews() {
    return !messages.isEmpty() || !lost.isEmpty() || bye != null;
  }

  @Override
  public boolean saysWhere() {
    return !positions.isEmpty() && !positions.containsValue(null);
  }

  @Override
  public ByteBuffer json() {
    var text = new ByteArrayOutputStream(256 + bytes);
    try (JsonGenerator json = JSON.createGenerator(ObjectWriteContext.empty(), text)) {
      json.writeStartObject();
      json.writeStringProperty("session", session);
      json.writeStringProperty("position", position());
      json.writeBooleanProperty("recovered", lost.isEmpty());
      json.writeArrayPropertyStart("lost");
      lost.forEach(channel -> json.writeString(channel.text()));
      json.writeEndArray();
      json.writeBooleanProperty("more", more);
      json.writeArrayPropertyStart("messages");
      for (ByteBuffer message : messages) {
        json.writeRawValue(StandardCharsets.UTF_8.decode(message.duplicate()).toString());
      }
      json.writeEndArray();
      if (bye != null) {
        json.writeObjectPropertyStart("bye");
        json.writeStringProperty("reason", bye.reason());
        Long after = bye.reconnectAfterMillis();
        if (after == null) {
          json.writeNullProperty("reconnectAfterMs");
        } else {
          json.writeNumberProperty("reconnectAfterMs", after);
        }
        json.writeEndObject();
      }
      json.writeEndObject();
    }
    return ByteBuffer.wrap(text.toByteArray());
  }

  /** A client that is to stay away gets the same answer wherever it asks with this. */
  private String position() {
    return bye != null && bye.reconnectAfterMillis() == null
        ? PositionVector.STOP
        : new PositionVector(List.copyOf(positions.keySet())).text(positions::get);
  }
}

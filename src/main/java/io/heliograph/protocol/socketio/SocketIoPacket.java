package io.heliograph.protocol.socketio;

import io.heliograph.publish.RawJson;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;

/**
 * A packet of Socket.IO in its text form: {@code <type>[<namespace>,][<ack id>][<JSON>]}. Binary
 * attachments are not taken.
 *
 * @param namespace begins with a slash
 * @param ackId digits, as the client wrote them; null: none
 * @param data JSON as it was written; null: none
 */
record SocketIoPacket(Type type, String namespace, @Nullable String ackId, @Nullable String data) {

  /** What a client may send; in the order of the protocol's numbers. */
  enum Type {
    CONNECT,
    DISCONNECT,
    EVENT,
    ACK,
    CONNECT_ERROR,
    BINARY_EVENT,
    BINARY_ACK
  }

  /** It is no packet, or none that a client may send. */
  static final class Malformed extends Exception {
    private static final long serialVersionUID = 1L;

    Malformed(String rule) {
      super(rule, null, false, false);
    }
  }

  static final String MAIN = "/";

  private static final Type[] TYPES = Type.values();

  /** As many digits as a number of JavaScript can count. */
  private static final int MAX_ID_LENGTH = 16;

  private static final int MAX_NAMESPACE_LENGTH = 128;

  static SocketIoPacket parse(String text) throws Malformed {
    int number = text.isEmpty() ? -1 : text.charAt(0) - '0';
    if (number < 0 || number >= TYPES.length) {
      throw new Malformed("a packet begins with its type, 0 to 6");
    }
    Type type = TYPES[number];
    if (type == Type.BINARY_EVENT || type == Type.BINARY_ACK) {
      return new SocketIoPacket(type, MAIN, null, null);
    }
    int at = 1;
    String namespace = MAIN;
    if (at < text.length() && text.charAt(at) == '/') {
      int comma = text.indexOf(',', at);
      int end = comma < 0 ? text.length() : comma;
      namespace = text.substring(at, end);
      at = comma < 0 ? end : comma + 1;
    }
    if (namespace.length() > MAX_NAMESPACE_LENGTH) {
      throw new Malformed("a namespace has at most " + MAX_NAMESPACE_LENGTH + " characters");
    }
    int digits = at;
    while (digits < text.length() && isDigit(text.charAt(digits))) {
      digits++;
    }
    if (digits - at > MAX_ID_LENGTH) {
      throw new Malformed("the id of an acknowledgement has at most " + MAX_ID_LENGTH + " digits");
    }
    String id = digits == at ? null : text.substring(at, digits);
    String data = digits == text.length() ? null : text.substring(digits);
    return new SocketIoPacket(type, namespace, id, data);
  }

  private static boolean isDigit(char c) {
    return c >= '0' && c <= '9';
  }

  /** The arguments of an event or acknowledgement, each as JSON text; the first names an event. */
  List<String> arguments() throws Malformed {
    try {
      List<String> arguments = data == null ? null : RawJson.elements(data);
      if (arguments != null) {
        return arguments;
      }
    } catch (JacksonException e) {
      throw new Malformed("the data of a packet has to be well-formed JSON");
    }
    throw new Malformed("the data of an event is an array");
  }

  /** The members of what a client shows with CONNECT, each as JSON text. */
  Map<String, String> members() throws Malformed {
    if (data == null) {
      return Map.of();
    }
    try {
      Map<String, String> members = RawJson.members(data);
      if (members != null) {
        return members;
      }
    } catch (JacksonException e) {
      throw new Malformed("the data of a packet has to be well-formed JSON, each member once");
    }
    throw new Malformed("the data of CONNECT is an object");
  }
}

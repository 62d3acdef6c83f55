package io.heliograph.protocol.socketio;

import io.heliograph.client.ClientRequest;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads the events of a client as requests. */
final class SocketIoRequests {

  private static final String NULL = "null";
  private static final Set<String> REPETITION = Set.of("idempotencyKey");

  private SocketIoRequests() {}

  /** Those that one event stands for, to be handled in order. */
  static List<ClientRequest> parse(SocketIoPacket packet)
      throws SocketIoPacket.Malformed, InvalidRequestException {
    List<String> arguments = packet.arguments();
    if (arguments.isEmpty() || !arguments.getFirst().startsWith("\"")) {
      throw new SocketIoPacket.Malformed("an event begins with its name");
    }
    String id = id(packet);
    String name = Arguments.text(arguments, 0, "event");
    return switch (name) {
      case "subscribe" -> List.of(subscribe(id, arguments));
      case "unsubscribe" -> {
        Arguments.requireAtMost(arguments, 2, "unsubscribe, channel");
        yield List.of(new ClientRequest.Unsubscribe(id, Arguments.channel(arguments, 1)));
      }
      case "ack" -> acknowledge(id, arguments);
      case "auth" -> {
        Arguments.requireAtMost(arguments, 2, "auth, {token}");
        String token = Arguments.text(Arguments.options(arguments, 1, Set.of("token")), "token");
        if (token == null) {
          throw new InvalidRequestException("token: is missing");
        }
        yield List.of(new ClientRequest.Authenticate(id, token));
      }
      case "publish" -> List.of(publish(id, arguments));
      case "ping" -> {
        Arguments.requireAtMost(arguments, 1, "ping");
        yield List.of(new ClientRequest.Ping(id));
      }
      default -> List.of(call(id, name, arguments));
    };
  }

  /** As the answer begins; null: no answer is waited for. */
  static @Nullable String id(SocketIoPacket packet) {
    return packet.ackId() == null ? null : SocketIoCodec.acknowledgement(packet.ackId());
  }

  private static ClientRequest subscribe(@Nullable String id, List<String> arguments)
      throws InvalidRequestException {
    Arguments.requireAtMost(arguments, 3, "subscribe, channel, {token, since}");
    Map<String, String> options = Arguments.options(arguments, 2, Set.of("token", "since"));
    String since = Arguments.text(options, "since");
    return new ClientRequest.Subscribe(
        id,
        Arguments.channel(arguments, 1),
        Arguments.text(options, "token"),
        since == null ? null : Arguments.position(since, "since"));
  }

  /** The acknowledgement of an acknowledgement says that it was handled. */
  private static List<ClientRequest> acknowledge(@Nullable String id, List<String> arguments)
      throws InvalidRequestException {
    Arguments.requireAtMost(arguments, 3, "ack, channel, position");
    String position = Arguments.text(arguments, 2, "position");
    ClientRequest ack =
        new ClientRequest.Acknowledge(
            id, Arguments.channel(arguments, 1), Arguments.position(position, "position"));
    // A refusal comes first, and clients take the first answer.
    return id == null ? List.of(ack) : List.of(ack, new ClientRequest.Ping(id));
  }

  private static ClientRequest publish(@Nullable String id, List<String> arguments)
      throws InvalidRequestException {
    Arguments.requireAtMost(arguments, 5, "publish, channel, event, data, {idempotencyKey}");
    if (arguments.size() < 4) {
      throw new InvalidRequestException("data: is missing");
    }
    return new ClientRequest.Publish(
        id,
        Arguments.channel(arguments, 1),
        arguments.get(2).equals(NULL) ? null : Arguments.text(arguments, 2, "event"),
        arguments.get(3),
        Arguments.text(Arguments.options(arguments, 4, REPETITION), "idempotencyKey"));
  }

  private static ClientRequest call(@Nullable String id, String method, List<String> arguments)
      throws InvalidRequestException {
    Arguments.requireAtMost(arguments, 3, "a method, data, {idempotencyKey}");
    return new ClientRequest.Call(
        id,
        method,
        arguments.size() < 2 ? NULL : arguments.get(1),
        Arguments.text(Arguments.options(arguments, 2, REPETITION), "idempotencyKey"));
  }
}

package io.heliograph.protocol.socketio;

import io.heliograph.session.CloseReason;
import io.heliograph.session.DuplexTransport;
import io.heliograph.transport.engineio.EchoListener;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * What the public suite of the protocol expects of a server: two namespaces, events that come back
 * and acknowledgements with what was sent.
 */
final class SocketIoEcho extends EchoListener {

  private static final Set<String> NAMESPACES = Set.of("/", "/custom");

  private final ScheduledExecutorService timer;
  private final Set<String> connected = new HashSet<>();
  private @Nullable ScheduledFuture<?> deadline;

  SocketIoEcho(ScheduledExecutorService timer) {
    super(timer);
    this.timer = timer;
  }

  @Override
  public void onOpen(DuplexTransport opened) {
    super.onOpen(opened);
    deadline = timer.schedule(opened::abort, 1_500, TimeUnit.MILLISECONDS);
  }

  @Override
  public void onMessage(String text) {
    try {
      handle(SocketIoPacket.parse(text));
    } catch (SocketIoPacket.Malformed e) {
      onMalformed(CloseReason.BAD_FRAME, String.valueOf(e.getMessage()));
    }
  }

  private void handle(SocketIoPacket packet) throws SocketIoPacket.Malformed {
    String namespace = packet.namespace();
    String address = namespace.equals("/") ? "" : namespace + ",";
    switch (packet.type()) {
      case CONNECT -> {
        packet.members();
        if (!NAMESPACES.contains(namespace)) {
          send("4" + address + "{\"message\":\"Invalid namespace\"}");
          return;
        }
        if (deadline != null) {
          deadline.cancel(false);
        }
        connected.add(namespace);
        send("0" + address + "{\"sid\":\"" + System.identityHashCode(this) + namespace + "\"}");
        send("2" + address + "[\"auth\"," + (packet.data() == null ? "{}" : packet.data()) + "]");
      }
      case DISCONNECT -> connected.remove(namespace);
      case EVENT -> {
        List<String> arguments = packet.arguments();
        String sent =
            arguments.size() < 2 ? "" : String.join(",", arguments.subList(1, arguments.size()));
        if (!connected.contains(namespace)) {
          onMalformed(CloseReason.BAD_FRAME, "an event before CONNECT");
        } else if (packet.ackId() != null) {
          send("3" + address + packet.ackId() + "[" + sent + "]");
        } else {
          send("2" + address + "[\"message-back\"" + (sent.isEmpty() ? "" : ",") + sent + "]");
        }
      }
      default -> onMalformed(CloseReason.BAD_FRAME, "not sent by clients, or binary");
    }
  }

  @Override
  public void onClosed(CloseReason reason, int code) {
    super.onClosed(reason, code);
    if (deadline != null) {
      deadline.cancel(false);
    }
  }
}

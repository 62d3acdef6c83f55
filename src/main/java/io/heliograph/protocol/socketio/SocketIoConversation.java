package io.heliograph.protocol.socketio;

import io.heliograph.client.Caller;
import io.heliograph.client.ClientConversation;
import io.heliograph.client.ClientRequest;
import io.heliograph.problem.ProblemType;
import io.heliograph.session.CloseReason;
import io.heliograph.session.DuplexTransport;
import io.heliograph.session.Identity;
import io.heliograph.session.Subscription;
import io.heliograph.transport.engineio.EngineListener;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * One client of Socket.IO: the packets on its Engine.IO session are a {@link ClientConversation}.
 * Until it has connected, {@link ConnectingClient} has what is needed for that.
 */
final class SocketIoConversation implements EngineListener {

  private final ClientConversation conversation;

  /** Null once the session has begun. */
  private volatile @Nullable ConnectingClient connecting;

  /** Null until the session begins. */
  private volatile @Nullable SocketIoTransport transport;

  SocketIoConversation(SocketIoContext context, Caller caller) {
    this.conversation = new ClientConversation(context.clients());
    this.connecting = new ConnectingClient(context, caller, this);
  }

  @Override
  public void onOpen(DuplexTransport session) {
    ConnectingClient newcomer = connecting;
    if (newcomer != null) {
      newcomer.open(session);
    }
  }

  /** The client was admitted. Nothing of it is handed over while this runs. */
  void begin(SocketIoTransport begun, Identity identity, Start start) {
    transport = begun;
    connecting = null;
    conversation.begin(begun, identity, start.session());
    for (KeptSession.Followed each : start.resumed()) {
      if (each.rightEnds() != null) {
        conversation.resume(each.channel(), each.position(), each.rightEnds());
      }
    }
  }

  // Packets ---------------------------------------------------------------------------------------

  @Override
  public void onMessage(String text) {
    try {
      handle(SocketIoPacket.parse(text));
    } catch (SocketIoPacket.Malformed e) {
      onMalformed(CloseReason.BAD_FRAME, String.valueOf(e.getMessage()));
    }
  }

  private void handle(SocketIoPacket packet) throws SocketIoPacket.Malformed {
    boolean main = packet.namespace().equals(SocketIoPacket.MAIN);
    switch (packet.type()) {
      case CONNECT -> {
        if (main) {
          connect(packet);
        } else {
          refuseNamespace(packet.namespace());
        }
      }
      case EVENT -> event(packet, main);
      case DISCONNECT -> {
        if (main) {
          leave();
        }
      }
      case ACK -> throw new SocketIoPacket.Malformed("an acknowledgement answers an event");
      case CONNECT_ERROR -> throw new SocketIoPacket.Malformed("only servers refuse a CONNECT");
      case BINARY_EVENT, BINARY_ACK -> binary();
    }
  }

  private void connect(SocketIoPacket packet) throws SocketIoPacket.Malformed {
    ConnectingClient newcomer = connecting;
    if (newcomer == null) {
      throw new SocketIoPacket.Malformed("a client connects once");
    }
    await(newcomer.connect(packet), newcomer.engine());
  }

  private void event(SocketIoPacket packet, boolean main) throws SocketIoPacket.Malformed {
    SocketIoTransport reading = transport;
    if (reading == null || !main) {
      throw new SocketIoPacket.Malformed("an event comes after CONNECT");
    }
    List<ClientRequest> requests;
    try {
      requests = SocketIoRequests.parse(packet);
    } catch (InvalidRequestException e) {
      conversation.onInvalid(SocketIoRequests.id(packet), e.detail());
      return;
    }
    for (ClientRequest request : requests) {
      await(conversation.onRequest(request), reading);
    }
  }

  /** Nothing else is handed over before this is done. */
  private static void await(CompletableFuture<Void> handled, DuplexTransport reading) {
    if (!handled.isDone()) {
      reading.pauseReading();
      handled.whenComplete((_, _) -> reading.resumeReading());
    }
  }

  /** Clients connect to several namespaces on one connection; here is one. */
  private void refuseNamespace(String namespace) {
    String id = SocketIoCodec.namespace(namespace);
    ConnectingClient newcomer = connecting;
    if (newcomer == null) {
      conversation.onRefused(id, ProblemType.NOT_FOUND, "Invalid namespace");
    } else {
      newcomer.refuseNamespace(id);
    }
  }

  private void leave() {
    ConnectingClient newcomer = connecting;
    if (newcomer == null) {
      conversation.onLeave();
    } else {
      newcomer.close(CloseReason.NORMAL);
    }
  }

  @Override
  public void onBinary(ByteBuffer data) {
    binary();
  }

  private void binary() {
    onMalformed(CloseReason.FORBIDDEN, "binary data is not taken");
  }

  @Override
  public boolean onPacket() {
    if (conversation.onSignOfLife()) {
      return true;
    }
    ConnectingClient newcomer = connecting;
    if (newcomer != null) {
      newcomer.close(CloseReason.TOO_MANY);
    }
    return false;
  }

  @Override
  public boolean onPong(int number) {
    return transport == null || conversation.onPong(number);
  }

  @Override
  public void onMalformed(CloseReason reason, String rule) {
    conversation.onMalformed(reason, rule);
    ConnectingClient newcomer = connecting;
    if (newcomer != null) {
      newcomer.close(reason);
    }
  }

  @Override
  public void onUpgrade() {
    conversation.onTransportChanged();
  }

  // The end ---------------------------------------------------------------------------------------

  @Override
  public void onClosed(CloseReason reason, int code) {
    ConnectingClient newcomer = connecting;
    if (newcomer != null) {
      newcomer.end();
    }
    List<Subscription> followed = conversation.subscriptions();
    boolean normal = reason == CloseReason.GONE && (code == 1000 || code == 1001);
    conversation.onEnd(normal ? CloseReason.NORMAL : reason);
    SocketIoTransport ended = transport;
    if (ended != null && reason.comeBack() && !followed.isEmpty()) {
      ended.keep(followed.getFirst().session().identity(), followed);
    }
  }
}

package io.heliograph.protocol.v1;

import io.heliograph.client.ClientContext;
import io.heliograph.client.ClientConversation;
import io.heliograph.client.ClientRequest;
import io.heliograph.client.ClientUpload;
import io.heliograph.session.CloseReason;
import io.heliograph.session.DuplexTransport;
import io.heliograph.session.Identity;
import io.heliograph.transport.websocket.BinaryReceiver;
import io.heliograph.transport.websocket.WebSocketListener;
import java.nio.ByteBuffer;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** One WebSocket that speaks version 1: its text frames are a {@link ClientConversation}. */
final class WebSocketConversation implements WebSocketListener {

  private final ClientConversation conversation;

  /** Needed until the connection opens, not for its whole life. */
  private @Nullable Identity identity;

  private @Nullable DuplexTransport socket;

  WebSocketConversation(ClientContext context, Identity identity) {
    this.conversation = new ClientConversation(context);
    this.identity = identity;
  }

  @Override
  public void onOpen(DuplexTransport opened) {
    Identity who = identity == null ? Identity.ANONYMOUS : identity;
    identity = null;
    socket = opened;
    conversation.begin(opened, who);
  }

  @Override
  public void onText(String text) {
    ClientRequest request;
    try {
      request = JsonRequests.parse(text);
    } catch (JsonRequests.Invalid e) {
      conversation.onInvalid(e.id(), String.valueOf(e.getMessage()));
      return;
    } catch (JsonRequests.Malformed e) {
      conversation.onMalformed(String.valueOf(e.getMessage()));
      return;
    }
    DuplexTransport current = socket;
    if (request instanceof ClientRequest.Upload upload && current != null) {
      conversation.onUpload(upload, current);
      return;
    }
    CompletableFuture<Void> handled = conversation.onRequest(request);
    if (!handled.isDone() && current != null) {
      current.pauseReading();
      handled.whenComplete((_, _) -> current.resumeReading());
    }
  }

  @Override
  public @Nullable BinaryReceiver onBinaryBegin() {
    ClientUpload upload = conversation.onBinary();
    return upload == null ? null : new UploadReceiver(upload);
  }

  /** An upload's message, on its way to the backend. */
  private record UploadReceiver(ClientUpload upload) implements BinaryReceiver {

    @Override
    public boolean onFragment(long length) {
      return upload.onFragment(length);
    }

    @Override
    public void onPiece(ByteBuffer piece) {
      upload.onPiece(piece);
    }

    @Override
    public void onEnd() {
      upload.onEnd();
    }
  }

  @Override
  public boolean onFrame() {
    return conversation.onSignOfLife();
  }

  @Override
  public boolean onPong(int number) {
    return conversation.onPong(number);
  }

  @Override
  public void onClosed(CloseReason reason, int code) {
    boolean normal = reason == CloseReason.GONE && (code == 1000 || code == 1001);
    conversation.onEnd(normal ? CloseReason.NORMAL : reason);
  }
}

package io.heliograph.protocol.v1;

import io.heliograph.client.ClientContext;
import io.heliograph.session.Identity;
import io.heliograph.transport.websocket.WebSocketListener;

/** Conversations of version 1 for tests of other packages. */
public final class Conversations {

  private Conversations() {}

  public static WebSocketListener anonymous(ClientContext context) {
    return new WebSocketConversation(context, Identity.ANONYMOUS);
  }
}

package io.heliograph.blackbox;

import io.heliograph.support.EngineClient;

/** Socket.IO on a WebSocket. */
class SocketIoSocketConversationTests extends SocketIoContract {

  @Override
  EngineClient open() {
    return EngineClient.onSocket(port, PATH, "Origin: http://localhost");
  }
}

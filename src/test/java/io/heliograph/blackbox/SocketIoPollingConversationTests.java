package io.heliograph.blackbox;

import io.heliograph.support.EngineClient;

/** Socket.IO by polling. */
class SocketIoPollingConversationTests extends SocketIoContract {

  @Override
  EngineClient open() {
    return EngineClient.polling(port, PATH, "Origin: http://127.0.0.1:" + port);
  }
}

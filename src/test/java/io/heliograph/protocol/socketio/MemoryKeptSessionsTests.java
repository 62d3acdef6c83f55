package io.heliograph.protocol.socketio;

import java.util.concurrent.atomic.AtomicLong;

/** In the memory of one node. */
class MemoryKeptSessionsTests extends KeptSessionsContract {

  private final AtomicLong nanos = new AtomicLong();
  private final KeptSessions sessions = new MemoryKeptSessions(RECOVERY, nanos::get);

  @Override
  KeptSessions sessions() {
    return sessions;
  }

  @Override
  void recoveryPasses() {
    nanos.addAndGet(RECOVERY.toNanos() + 1);
  }
}

package io.heliograph.transport.engineio;

import java.util.function.LongSupplier;

/** What all sessions of an endpoint share, so that each holds one reference to it. */
record EngineContext(EngineEndpoint endpoint, EngineSessions sessions, LongSupplier nanoTime) {

  long now() {
    return nanoTime.getAsLong();
  }
}

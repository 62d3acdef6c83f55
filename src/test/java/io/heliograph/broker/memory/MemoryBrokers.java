package io.heliograph.broker.memory;

import io.heliograph.broker.Broker;
import io.heliograph.broker.ClusterBus;
import io.heliograph.broker.LogProperties;
import java.time.Clock;

/** Hands the in-memory broker to tests of other packages. */
public final class MemoryBrokers {

  private MemoryBrokers() {}

  public static Broker with(LogProperties bounds, Clock clock) {
    return new MemoryBroker(bounds, clock);
  }

  public static ClusterBus noPeers() {
    return new SingleNodeBus();
  }
}

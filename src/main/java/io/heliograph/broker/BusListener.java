package io.heliograph.broker;

/** Receives the texts of one kind from the {@link ClusterBus}. */
@FunctionalInterface
public interface BusListener {

  /** Called on the bus's own thread; must not block. */
  void onMessage(BusMessage message);
}

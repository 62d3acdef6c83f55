package io.heliograph.architecture.sample.api;

import io.heliograph.architecture.sample.broker.BrokerUnavailableException;
import io.heliograph.architecture.sample.broker.ClusterBus;

/** Broken on purpose: the name says nothing, and a push goes through the hub, not to the broker. */
record PushManager(ClusterBus broker) {

  void push(boolean up) {
    if (!up) {
      throw new BrokerUnavailableException();
    }
  }
}

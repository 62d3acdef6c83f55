package io.heliograph.broker.memory;

import io.heliograph.broker.BusListener;
import io.heliograph.broker.ClusterBus;
import io.heliograph.message.Ids;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** The bus of a single node: there are no others to send to or to receive from. */
final class SingleNodeBus implements ClusterBus {

  private final String self = Ids.random128();

  @Override
  public String self() {
    return self;
  }

  @Override
  public int count() {
    return 1;
  }

  @Override
  public void listen(Kind kind, BusListener listener) {}

  @Override
  public CompletableFuture<Set<String>> sendToAll(Kind kind, String text) {
    return CompletableFuture.completedFuture(Set.of());
  }

  @Override
  public CompletableFuture<Void> send(String node, Kind kind, String text) {
    return CompletableFuture.completedFuture(null);
  }
}

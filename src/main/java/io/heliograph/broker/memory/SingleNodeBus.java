package io.heliograph.broker.memory;

import io.heliograph.broker.ClusterBus;
import io.heliograph.message.Ids;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** The line of a node that is alone: there is nobody to be told, and nothing is heard. */
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
  public void hear(Kind kind, Ear ear) {}

  @Override
  public CompletableFuture<Set<String>> tellAll(Kind kind, String text) {
    return CompletableFuture.completedFuture(Set.of());
  }

  @Override
  public CompletableFuture<Void> tell(String node, Kind kind, String text) {
    return CompletableFuture.completedFuture(null);
  }
}

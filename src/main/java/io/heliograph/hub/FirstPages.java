package io.heliograph.hub;

import io.heliograph.session.Session;
import io.heliograph.session.Subscription;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;

/** The subscriptions whose first page of the log is being read. */
final class FirstPages {

  private final ConcurrentHashMap<Subscription, CompletableFuture<Void>> pagesBySubscription =
      new ConcurrentHashMap<>();

  void onReading(Subscription subscription) {
    pagesBySubscription.put(subscription, new CompletableFuture<>());
  }

  /** The page was sent, or will not come. */
  void onDone(Subscription subscription) {
    CompletableFuture<Void> page = pagesBySubscription.remove(subscription);
    if (page != null) {
      page.complete(null);
    }
  }

  /** Completes with {@link #onDone}; null when no first page is being read. */
  @Nullable CompletableFuture<Void> of(Subscription subscription) {
    return pagesBySubscription.get(subscription);
  }

  /** Completes when no first page is being read of the subscriptions that the session has now. */
  CompletableFuture<Void> of(Session session) {
    return CompletableFuture.allOf(
        session.subscriptions().stream()
            .map(pagesBySubscription::get)
            .filter(Objects::nonNull)
            .toArray(CompletableFuture<?>[]::new));
  }
}

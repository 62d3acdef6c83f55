package io.heliograph.client;

import java.util.HashSet;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** The calls of one session that have no answer yet: few, and cancelled when the session ends. */
final class CallsUnderWay {

  static final int MOST = 4;

  // Guarded by this.
  private final Set<CompletableFuture<?>> calls = new HashSet<>(MOST);
  private int places;
  private boolean ended;

  /** Takes a place for a call; false when there is none. */
  synchronized boolean enter() {
    if (ended || places == MOST) {
      return false;
    }
    places++;
    return true;
  }

  /** Gives the place of {@link #enter} back when the call is done. */
  void add(CompletableFuture<?> call) {
    boolean late;
    synchronized (this) {
      late = ended;
      calls.add(call);
    }
    call.whenComplete((_, _) -> leave(call));
    if (late) {
      call.cancel(true);
    }
  }

  @SuppressWarnings("CollectionUndefinedEquality") // by identity
  private synchronized void leave(CompletableFuture<?> call) {
    calls.remove(call);
    places--;
  }

  void end() {
    Set<CompletableFuture<?>> cancelled;
    synchronized (this) {
      ended = true;
      cancelled = Set.copyOf(calls);
    }
    cancelled.forEach(call -> call.cancel(true));
  }
}

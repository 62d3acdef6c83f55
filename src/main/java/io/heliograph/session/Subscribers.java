package io.heliograph.session;

import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/**
 * The subscriptions to one channel on this node, in an array: a pointer a subscription, and fan-out
 * walks memory in order. Joining and leaving cost the same however many there are.
 */
final class Subscribers {

  private static final Subscription[] NONE = {};

  /** Completes when the broker has confirmed the channel for this node. */
  private volatile CompletableFuture<Void> ready;

  private Subscription[] array = new Subscription[1];
  private int size;

  /** What fan-out walks; made at the first request after a change. */
  private Subscription @Nullable [] snapshot;

  Subscribers(CompletableFuture<Void> ready) {
    this.ready = ready;
  }

  CompletableFuture<Void> ready() {
    return ready;
  }

  /** The broker was asked again. */
  Subscribers renewed(CompletableFuture<Void> newReady) {
    ready = newReady;
    return this;
  }

  /** Does nothing for one that is here already. */
  synchronized void add(Subscription subscription) {
    if (subscription.slot >= 0) {
      return;
    }
    if (size == array.length) {
      array = Arrays.copyOf(array, size + (size >> 1) + 1);
    }
    subscription.slot = size;
    array[size++] = subscription;
    snapshot = null;
  }

  /** False when it is not there: a late close removes nothing twice. */
  synchronized boolean remove(Subscription subscription) {
    int slot = subscription.slot;
    if (slot < 0 || slot >= size || array[slot] != subscription) {
      return false;
    }
    Subscription last = array[--size];
    array[slot] = last;
    last.slot = slot;
    clear(size);
    subscription.slot = -1;
    if (size < array.length >> 2) {
      array = Arrays.copyOf(array, Math.max(1, size + (size >> 1)));
    }
    snapshot = null;
    return true;
  }

  @SuppressWarnings("NullAway") // slots past the size hold nothing
  private void clear(int slot) {
    array[slot] = null;
  }

  synchronized int size() {
    return size;
  }

  /** Must not be changed by the caller. */
  @SuppressWarnings("NullAway") // the snapshot is cut to the size
  synchronized Subscription[] snapshot() {
    if (size == 0) {
      return NONE;
    }
    if (size == 1 && array.length == 1) {
      return array.clone();
    }
    if (snapshot == null) {
      snapshot = Arrays.copyOf(array, size);
    }
    return snapshot;
  }
}

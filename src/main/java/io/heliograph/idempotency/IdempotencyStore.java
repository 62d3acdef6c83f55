package io.heliograph.idempotency;

import java.time.Duration;
import java.util.Set;

/**
 * Stands between a request that may come twice and its effect: claim → process → store the reply. A
 * key is not merely remembered before the work, since an event whose processing fails would then be
 * lost with its retry.
 *
 * <p>All methods are safe for use by many threads and may block on the network, so they belong on a
 * request's thread. They throw {@link IdempotencyStoreUnavailableException} when nothing can be
 * promised.
 */
public interface IdempotencyStore {

  /**
   * Kinds of scopes whose entries stand between an attacker and a second effect. They are kept for
   * all their time: a store without room refuses new ones.
   */
  Set<String> REPLAY_PROTECTION =
      Set.of("callback", "wechat", "wechat-nonce", "wechat-state", "wechat-state-used");

  /** The kind of promise that a scope belongs to. */
  static String kind(String scope) {
    int colon = scope.indexOf(':');
    return colon < 0 ? scope : scope.substring(0, colon);
  }

  /**
   * Takes a key for the caller, or says who was there before.
   *
   * @param scope whose keys these are, such as {@code callback:shop}; one scope's keys never meet
   *     another's. What is before the colon is the kind of promise: a store that is full of one
   *     kind has room for the others, and see {@link #REPLAY_PROTECTION}
   * @param key the caller's id of the request; any text, so it may hold what a key of the store
   *     could not
   * @param fingerprint a digest of what was asked, to tell a repetition from another request under
   *     the same key
   * @param lease how long the work may take: past it the key is free again, for a node may die at
   *     work
   */
  Claim claim(String scope, String key, String fingerprint, Duration lease);

  /**
   * Keeps the reply for those who ask again. A claim whose lease ran out and was taken by another
   * is not completed: the reply of the one that holds it now counts.
   *
   * @return whether the reply is kept
   */
  boolean complete(Claim.Fresh claim, StoredReply reply, Duration keep);

  /**
   * Gives a key back after the work failed, so that a retry can succeed. Does nothing when the
   * claim is not held.
   */
  void release(Claim.Fresh claim);
}

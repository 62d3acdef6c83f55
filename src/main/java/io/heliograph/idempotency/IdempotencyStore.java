package io.heliograph.idempotency;

import java.time.Duration;
import java.util.Set;

/**
 * Stores idempotency keys and replies, so that a repeated request has one effect: claim → process →
 * store the reply. Remembering the key before processing would not be enough: after a failure the
 * retry would be ignored.
 *
 * <p>All methods are thread-safe and may block on the network, so call them on the request's
 * thread. They throw {@link IdempotencyStoreUnavailableException} when the store cannot be reached
 * or is full.
 */
public interface IdempotencyStore {

  /**
   * Kinds of scopes that protect against replayed requests. Their entries are never evicted before
   * they expire: a full store refuses new ones.
   */
  Set<String> REPLAY_PROTECTION = Set.of("callback", "wechat", "wechat-nonce", "wechat-state-used");

  /** The kind of a scope: the part before the colon. */
  static String kind(String scope) {
    int colon = scope.indexOf(':');
    return colon < 0 ? scope : scope.substring(0, colon);
  }

  /**
   * Claims a key for the caller, or answers what is known of an earlier claim.
   *
   * @param scope a namespace of keys, such as {@code callback:shop}. The part before the colon is
   *     its kind: each kind has limits of its own, and see {@link #REPLAY_PROTECTION}
   * @param key the caller's id of the request; any text
   * @param fingerprint a digest of the request, to distinguish a repetition from another request
   *     with the same key
   * @param lease how long processing may take; then the key is free again, because the node may
   *     have failed
   */
  Claim claim(String scope, String key, String fingerprint, Duration lease);

  /**
   * Stores the reply for repetitions. If the claim's lease has ended and another request has
   * claimed the key, nothing is stored: the reply of that request counts.
   *
   * @return whether the reply was stored
   */
  boolean complete(Claim.Fresh claim, StoredReply reply, Duration keep);

  /**
   * Frees a key after processing failed, so that a retry can succeed. Does nothing when the claim
   * is not held any more.
   */
  void release(Claim.Fresh claim);
}

package io.heliograph.idempotency;

/** What became of asking for a key. */
public sealed interface Claim {

  /**
   * The caller holds the key: it does the work, then completes or releases.
   *
   * @param owner random, so that only the claim that holds the key can end it
   */
  record Fresh(String scope, String key, String owner) implements Claim {}

  /** The same request is in work elsewhere. */
  record InProgress() implements Claim {}

  /** The same request was answered so. */
  record Done(StoredReply reply) implements Claim {}

  /** Another request had this key. */
  record Reused() implements Claim {}
}

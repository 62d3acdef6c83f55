package io.heliograph.idempotency;

/** The result of claiming a key. */
public sealed interface Claim {

  /**
   * The caller holds the key: it processes the request, then completes or releases the claim.
   *
   * @param owner random; only the claim with this value can be completed or released
   */
  record Fresh(String scope, String key, String owner) implements Claim {}

  /** The same request is being processed. */
  record InProgress() implements Claim {}

  /** The same request was answered before. */
  record Done(StoredReply reply) implements Claim {}

  /** The key belongs to a request with another fingerprint. */
  record Reused() implements Claim {}
}

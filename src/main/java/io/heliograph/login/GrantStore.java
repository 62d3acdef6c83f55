package io.heliograph.login;

import java.util.Optional;

/** Keeps grants under the hashes of their codes until they are redeemed. All methods are atomic. */
public interface GrantStore {

  /** What became of a grant that was to be revoked. */
  enum Revocation {
    REVOKED,
    /** Too late: the site may have made a session of it. */
    WAS_REDEEMED,
    /** Also when it was revoked before. */
    UNKNOWN
  }

  /**
   * Keeps a grant, or keeps the same grant for longer.
   *
   * @return false when it was redeemed or revoked before, which nothing undoes
   */
  boolean issue(String hash, Grant grant);

  /** Exactly once, and in time; empty for unknown, redeemed, revoked and expired codes alike. */
  Optional<Grant> redeem(String hash);

  Revocation revoke(String hash);

  /** Removes the expired entries. */
  void forget();
}

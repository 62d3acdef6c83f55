package io.heliograph.login;

import java.util.Optional;

/**
 * Store of grants, keyed by the hashes of their codes, until they are redeemed or expire. All
 * methods are atomic.
 */
public interface GrantStore {

  /** The result of revoking a grant. */
  enum Revocation {
    REVOKED,
    /** Not revoked: the site may already have created a session from it. */
    WAS_REDEEMED,
    /** No such grant, or it was revoked before. */
    UNKNOWN
  }

  /**
   * Stores a grant, or extends the time for which the same grant is stored.
   *
   * @return false when it was redeemed or revoked before, which is final
   */
  boolean issue(String hash, Grant grant);

  /**
   * Redeems a grant once, before it expires. Empty for unknown, redeemed, revoked and expired codes
   * alike.
   */
  Optional<Grant> redeem(String hash);

  Revocation revoke(String hash);

  /** Removes the expired entries. */
  void forget();
}

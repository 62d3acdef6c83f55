package io.heliograph.login;

import java.util.Optional;

/** Where grant codes wait for the site's backend, by their hashes. All methods are atomic. */
interface GrantStore {

  /** What became of a grant that had to be taken back. */
  enum Revocation {
    REVOKED,
    /** Too late: a session may have come of it. */
    WAS_REDEEMED,
    UNKNOWN
  }

  void issue(String hash, Grant grant);

  /** Exactly once, and in time; unknown, used, revoked and expired are one answer. */
  Optional<Grant> redeem(String hash);

  Revocation revoke(String hash);

  /** Drops what is over. */
  void forget();
}

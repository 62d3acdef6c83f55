package io.heliograph.security;

import java.time.Instant;

/**
 * Where it is remembered which one-use tokens have been used: by one node for itself, or by all
 * together.
 */
interface UsedTokens {

  /** What became of asking to use one. */
  enum Use {
    FIRST,
    AGAIN,
    /** It cannot be known, so it is not to be believed. */
    UNKNOWN
  }

  /**
   * Uses the token up. Of many at once one is the first. May block for the network.
   *
   * @param id the token's {@code jti}, whatever its maker put there
   * @param until from then on the token is refused as expired, and need not be remembered
   */
  Use use(String id, Instant until);
}

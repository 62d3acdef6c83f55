package io.heliograph.security;

import java.time.Instant;

/** Remembers which one-use tokens have been used, on one node or on all nodes. */
interface UsedTokens {

  /** The result of using a token. */
  enum Use {
    FIRST,
    AGAIN,
    /** The store cannot answer, so the token is refused. */
    UNKNOWN
  }

  /**
   * Marks the token as used. Of concurrent calls exactly one gets {@link Use#FIRST}. May block on
   * the network.
   *
   * @param id the token's {@code jti}; any text
   * @param until the token's expiry; afterwards it need not be remembered
   */
  Use use(String id, Instant until);
}

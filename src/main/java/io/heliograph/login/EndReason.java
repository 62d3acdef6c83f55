package io.heliograph.login;

import java.util.Locale;

/**
 * Why a login ended without being collected; a closed set that browsers may show a sentence for.
 */
public enum EndReason {
  DEADLINE,
  DENIED_ON_PHONE,
  WRONG_MATCH_CODE,
  CLAIMED_BY_MANY,
  CANCELLED_BY_BROWSER,
  REPORTED,
  WRONG_VERIFIER,
  REFRESHED;

  public String tag() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }
}

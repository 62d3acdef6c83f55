package io.heliograph.login;

import java.util.Locale;

/**
 * The reason why a login ended without a grant. The set is closed, so that browsers can show a text
 * for each.
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

package io.heliograph.login;

/** What a scan means. */
public enum LoginPolicy {
  /** The phone's user is asked and has to say yes. */
  EXPLICIT,
  /**
   * Scanning is saying yes. The lesser one: whoever is lured into scanning a foreign code is logged
   * in there.
   */
  ON_SCAN
}

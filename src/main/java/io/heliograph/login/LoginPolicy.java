package io.heliograph.login;

/** Whether a login needs a confirmation after the scan. */
public enum LoginPolicy {
  /** The phone's user must confirm explicitly. */
  EXPLICIT,
  /**
   * Scanning confirms. Less secure: a user who is lured into scanning an attacker's code logs the
   * attacker's browser in.
   */
  ON_SCAN
}

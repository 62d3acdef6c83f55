package io.heliograph.security;

/** What an API key may do. */
public enum Scope {
  /** Push messages, look at channels and their logs. */
  PUSH,
  /** List and close sessions. */
  SESSIONS,
  /** Speak for the phone and redeem grants. */
  LOGIN,
  /** Make browser tokens. */
  TOKENS,
  /** Everything that the others allow. */
  ADMIN
}

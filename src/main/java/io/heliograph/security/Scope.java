package io.heliograph.security;

/** A right of an API key. */
public enum Scope {
  /** Publish messages. */
  PUSH,
  /** List and close sessions, count a channel's subscribers, read logs. */
  SESSIONS,
  /** Report what happened on a phone, and redeem grants. */
  LOGIN,
  /** Issue browser tokens. */
  TOKENS,
  /** All of the above. */
  ADMIN
}

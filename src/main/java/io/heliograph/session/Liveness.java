package io.heliograph.session;

/** How it is found that a client has gone without ending its connection. */
public enum Liveness {
  /** By {@code Transport.ping()}: a client that has not answered it by the next round is silent. */
  PING,
  /**
   * Client and transport agreed on their own signs of life. The transport sends its part on {@code
   * Transport.ping()}, and ends a session whose client is silent.
   */
  NEGOTIATED,
  /**
   * The client never answers. {@code Transport.ping()} writes something, and a write that stays
   * stuck for the send timeout, or TCP itself, ends the session.
   */
  NONE
}

package io.heliograph.transport.engineio;

/** Whether sessions of an endpoint may be carried by polling. */
public sealed interface PollingRule {

  /**
   * @param affinityCookie whether a handshake sets a cookie by which a balancer can send all
   *     requests of a session to one node
   */
  record On(boolean affinityCookie) implements PollingRule {}

  /**
   * @param reason for the client and the log: what to set
   */
  record Off(String reason) implements PollingRule {}
}

package io.heliograph.login;

/**
 * Where a login's transitions leave for the browsers that follow it. A hint: losing one loses
 * nothing but time.
 */
@FunctionalInterface
public interface LoginAnnouncer {

  /**
   * Must not block. Called in the order of versions.
   *
   * @param stateJson a {@link LoginSnapshot} as compact JSON, for the event {@code login.state}
   */
  void announce(String ticket, String stateJson);
}

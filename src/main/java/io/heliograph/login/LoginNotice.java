package io.heliograph.login;

import java.time.Instant;

/**
 * A provider's own way to a user, by which they hear that somebody logged in as them: whoever was
 * tricked into saying yes learns of it there (BCP 247).
 */
public interface LoginNotice {

  /** Whose logins it tells of. */
  String provider();

  /**
   * Blocks for at most some seconds, and may fail with any exception; the login does not wait for
   * it.
   */
  void tell(LoggedIn login);

  /**
   * What the user is told.
   *
   * @param subject who they are to the provider
   * @param label what the browser calls itself, or empty
   * @param notMe the page on which they say that it was not them
   */
  record LoggedIn(String subject, String site, String label, Instant at, String notMe) {
    @Override
    public String toString() {
      return "LoggedIn";
    }
  }
}

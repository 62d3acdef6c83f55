package io.heliograph.login;

import java.time.Instant;

/**
 * Sends a user a notice of a login through the provider, a second channel on which a user who was
 * tricked into confirming can detect it (BCP 247).
 */
public interface LoginNotice {

  /** The id of the provider whose logins this handles. */
  String provider();

  /**
   * Sends the notice. May block for some seconds and may throw any exception; the login does not
   * depend on it.
   */
  void send(LoggedIn login);

  /**
   * The content of a notice.
   *
   * @param subject the provider's name for the user
   * @param label the browser's label for itself, or empty
   * @param notMe the page on which the user can disown the login
   */
  record LoggedIn(String subject, String site, String label, Instant at, String notMe) {
    @Override
    public String toString() {
      return "LoggedIn";
    }
  }
}

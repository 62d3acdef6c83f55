package io.heliograph.login;

import org.jspecify.annotations.Nullable;

/** An input to the state machine of a ticket, see {@link TicketRules}. */
public sealed interface TicketEvent {

  /**
   * A phone's user scanned the code.
   *
   * @param phoneHash SHA-256 of the phone token, used if this scan claims the ticket
   * @param confirming the same event is also the user's confirmation
   */
  record Scan(
      String provider,
      String subject,
      @Nullable String unionId,
      String phoneHash,
      Place place,
      boolean confirming)
      implements TicketEvent {}

  /** The user confirmed. */
  record Confirm(Phone phone, @Nullable Integer matchCode, Place place) implements TicketEvent {}

  /** The user refused. */
  record Deny(Phone phone) implements TicketEvent {}

  /**
   * The provider reports that the user cancelled.
   *
   * @param subject null when the provider does not name the user
   */
  record ProviderCancel(String provider, @Nullable String subject) implements TicketEvent {}

  /**
   * The browser collects its grant.
   *
   * @param challenge SHA-256 of the verifier that the browser sent
   * @param browserHash SHA-256 of the cookie; null when the browser sent none
   * @param grantHash SHA-256 of the grant code to issue
   */
  record Exchange(String challenge, @Nullable String browserHash, String grantHash)
      implements TicketEvent {}

  /**
   * The browser cancels, or a user disowns the login.
   *
   * @param unscanned only if no phone has scanned the code
   */
  record Cancel(EndReason reason, boolean unscanned) implements TicketEvent {
    Cancel(EndReason reason) {
      this(reason, false);
    }
  }

  /** The browser requests a new code. */
  record Refresh(boolean automatic) implements TicketEvent {}

  /** The deadline passed. */
  record Deadline() implements TicketEvent {}

  /**
   * The credentials of a phone's call.
   *
   * @param tokenHash SHA-256 of the phone token; null when there was none
   * @param subject the user named by a trusted backend; null when there was none
   * @param vouched the call is a provider's signed report, which replaces the checks that the
   *     provider did itself
   */
  record Phone(@Nullable String tokenHash, @Nullable String subject, boolean vouched) {
    public Phone {
      if (tokenHash == null && subject == null) {
        throw new IllegalArgumentException("a phone is known by its token or by its user");
      }
    }
  }
}

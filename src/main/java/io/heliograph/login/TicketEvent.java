package io.heliograph.login;

import org.jspecify.annotations.Nullable;

/** Whatever can happen to a ticket. */
public sealed interface TicketEvent {

  /**
   * A phone's user presented the code.
   *
   * @param phoneHash SHA-256 of the phone token, should this scan claim the ticket
   * @param confirming the same event says that the user agreed
   */
  record Scan(
      String provider,
      String subject,
      @Nullable String unionId,
      String phoneHash,
      Place place,
      boolean confirming)
      implements TicketEvent {}

  /** The user said yes. */
  record Confirm(Phone phone, @Nullable Integer matchCode, Place place) implements TicketEvent {}

  /** The user said no. */
  record Deny(Phone phone) implements TicketEvent {}

  /**
   * The provider says that the user gave up.
   *
   * @param subject null when the provider does not tell
   */
  record ProviderCancel(String provider, @Nullable String subject) implements TicketEvent {}

  /**
   * The browser collects.
   *
   * @param challenge SHA-256 of the verifier that it showed
   * @param browserHash SHA-256 of the cookie that it sent; null when it sent none
   * @param grantHash SHA-256 of the grant code that it gets
   */
  record Exchange(String challenge, @Nullable String browserHash, String grantHash)
      implements TicketEvent {}

  /**
   * The browser gives up, or a user reports that the login was not theirs.
   *
   * @param unscanned only if no phone has scanned the code
   */
  record Cancel(EndReason reason, boolean unscanned) implements TicketEvent {
    Cancel(EndReason reason) {
      this(reason, false);
    }
  }

  /** The browser wants a fresh code. */
  record Refresh(boolean automatic) implements TicketEvent {}

  /** Time has passed. */
  record Deadline() implements TicketEvent {}

  /**
   * Who speaks for the phone.
   *
   * @param tokenHash SHA-256 of the phone token that was shown; null when none was
   * @param subject the user whom a trusted backend names; null when none was named
   * @param vouched a provider's signed word, which stands for the questions that it asked the user
   *     itself
   */
  record Phone(@Nullable String tokenHash, @Nullable String subject, boolean vouched) {
    public Phone {
      if (tokenHash == null && subject == null) {
        throw new IllegalArgumentException("a phone is known by its token or by its user");
      }
    }
  }
}

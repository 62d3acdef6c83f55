package io.heliograph.login;

import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Makes the content of a QR code, so that scanning it identifies the ticket. One implementation per
 * kind of phone app.
 */
public interface QrProvider {

  /** The id that browsers use: {@code app}, {@code wechat-oa}, {@code wechat-open}. */
  String id();

  /**
   * Whether the provider itself asks the user, so that its first report for a ticket is the user's
   * decision.
   */
  default boolean confirmsItself() {
    return false;
  }

  /**
   * Makes the content. May call the provider, and so may block for some seconds.
   *
   * @throws ProviderUnavailableException when no code can be made now
   */
  QrContent prepare(QrOrder order);

  /**
   * @param base the address at which browsers and phones reach this service, without a slash at the
   *     end
   */
  record QrOrder(String ticket, Duration life, URI base) {}

  /**
   * @param text the content of the code
   * @param reference the provider's own name for the code, to compare with its callbacks
   */
  record QrContent(String text, @Nullable String reference) {}

  /** The provider did not answer, or not in time. */
  class ProviderUnavailableException extends RuntimeException {
    public ProviderUnavailableException(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }
}

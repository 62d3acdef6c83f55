package io.heliograph.login;

import java.net.URI;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * Makes what a code says, so that scanning it leads back to the ticket. One for each kind of phone
 * app.
 */
public interface QrProvider {

  /** As browsers name it: {@code app}, {@code wechat-oa}, {@code wechat-open}. */
  String id();

  /** It asks the user itself, and its first word of a ticket is the user's answer. */
  default boolean confirmsItself() {
    return false;
  }

  /**
   * May call out, and so may block for some seconds.
   *
   * @throws ProviderUnavailableException when there can be no code now
   */
  QrContent prepare(QrOrder order);

  /**
   * @param base where browsers and phones reach this service, without a slash at the end
   */
  record QrOrder(String ticket, Duration life, URI base) {}

  /**
   * @param text what the code says
   * @param reference the provider's own name for the code, to compare with what its callbacks say
   */
  record QrContent(String text, @Nullable String reference) {}

  /** The provider does not answer, or not in time. */
  class ProviderUnavailableException extends RuntimeException {
    public ProviderUnavailableException(String message, @Nullable Throwable cause) {
      super(message, cause);
    }
  }
}

package io.heliograph.web;

import jakarta.servlet.ServletRequest;
import java.time.Duration;
import org.eclipse.jetty.util.Attributes;
import org.jspecify.annotations.Nullable;

/**
 * How long one exchange may wait for its peer, if this differs from the settings. {@code
 * server.ExchangeGuard} enforces it.
 *
 * @param idle true: the limit restarts with each piece of data in either direction, and there is no
 *     total limit
 * @param duration the limit
 */
public record ExchangeLimit(boolean idle, Duration duration) {

  private static final String ATTRIBUTE = ExchangeLimit.class.getName();

  /** For an authenticated stream, which may last as long as data flows. */
  public static ExchangeLimit idle(Duration duration) {
    return new ExchangeLimit(true, duration);
  }

  /** For the unread rest of a body. */
  public static ExchangeLimit total(Duration duration) {
    return new ExchangeLimit(false, duration);
  }

  public void set(ServletRequest request) {
    request.setAttribute(ATTRIBUTE, this);
  }

  /** Null: the settings apply. */
  public static @Nullable ExchangeLimit of(Attributes request) {
    return request.getAttribute(ATTRIBUTE) instanceof ExchangeLimit limit ? limit : null;
  }
}

package io.heliograph.login;

import org.jspecify.annotations.Nullable;

/** The store could not be reached in time. Nothing was changed that a retry would not find. */
public class TicketStoreUnavailableException extends RuntimeException {

  public TicketStoreUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

package io.heliograph.broker;

import org.jspecify.annotations.Nullable;

/** The broker could not be reached in time. The call may be repeated. */
public class BrokerUnavailableException extends RuntimeException {

  public BrokerUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

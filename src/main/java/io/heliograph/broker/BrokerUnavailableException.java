package io.heliograph.broker;

import org.jspecify.annotations.Nullable;

/** The broker could not be reached in time. What was asked for may be asked again. */
public class BrokerUnavailableException extends RuntimeException {

  public BrokerUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

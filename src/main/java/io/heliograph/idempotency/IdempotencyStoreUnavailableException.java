package io.heliograph.idempotency;

import org.jspecify.annotations.Nullable;

/**
 * The store cannot be reached or has no room: nothing was claimed, nothing was done, asking again
 * may help.
 */
public class IdempotencyStoreUnavailableException extends RuntimeException {

  public IdempotencyStoreUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

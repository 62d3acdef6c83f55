package io.heliograph.idempotency;

import org.jspecify.annotations.Nullable;

/**
 * The store cannot be reached or is full: nothing was claimed or processed, and a retry may
 * succeed.
 */
public class IdempotencyStoreUnavailableException extends RuntimeException {

  public IdempotencyStoreUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

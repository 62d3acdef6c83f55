package io.heliograph.login.wechat;

import org.jspecify.annotations.Nullable;

/** The store of OAuth states cannot be reached or is full. */
final class OAuthStateStoreUnavailableException extends RuntimeException {

  OAuthStateStoreUnavailableException(String message, @Nullable Throwable cause) {
    super(message, cause);
  }
}

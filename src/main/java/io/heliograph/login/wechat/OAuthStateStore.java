package io.heliograph.login.wechat;

import java.time.Duration;
import java.util.Optional;

/**
 * Keeps what belongs to the {@code state} values of website logins, for minutes. Keys are digests,
 * so that read access to the store does not allow using a state. Methods may block and throw {@link
 * OAuthStateStoreUnavailableException}.
 */
interface OAuthStateStore {

  void put(String key, String value, Duration life);

  /** Empty when it was never stored or its life is over. */
  Optional<String> find(String key);
}

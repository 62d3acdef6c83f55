package io.heliograph.login.wechat;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The risk: a login that was begun is not found on its return, or is found for ever. */
abstract class OAuthStateStoreContract {

  private static final Duration LONG = Duration.ofMinutes(10);

  abstract OAuthStateStore store();

  /** Waits until what was stored with this life is over. */
  abstract void outlive(OAuthStateStore store, String key, Duration life);

  @Test
  void whatWasStoredIsFoundMoreThanOnce() {
    OAuthStateStore store = store();
    store.put("one", "first\nline", LONG);
    store.put("two", "second", LONG);
    assertThat(store.find("one")).contains("first\nline");
    assertThat(store.find("one")).contains("first\nline");
    assertThat(store.find("two")).contains("second");
  }

  @Test
  void anUnknownKeyHasNoValue() {
    assertThat(store().find("none")).isEmpty();
  }

  @Test
  void aValueEndsWithItsLife() {
    OAuthStateStore store = store();
    store.put("short", "value", Duration.ofMillis(20));
    outlive(store, "short", Duration.ofMillis(20));
    assertThat(store.find("short")).isEmpty();
  }
}

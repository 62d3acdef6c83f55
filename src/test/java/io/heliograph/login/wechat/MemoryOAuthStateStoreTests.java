package io.heliograph.login.wechat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliograph.support.ManualClock;
import java.time.Duration;
import org.junit.jupiter.api.Test;

class MemoryOAuthStateStoreTests extends OAuthStateStoreContract {

  private final ManualClock clock = new ManualClock();

  @Override
  OAuthStateStore store() {
    return new MemoryOAuthStateStore(clock);
  }

  @Override
  void outlive(OAuthStateStore store, String key, Duration life) {
    clock.advance(life);
  }

  /** A flood of starts must neither use up the memory nor end logins that others have begun. */
  @Test
  void aFullStoreRefusesNewStatesAndKeepsTheOthers() {
    OAuthStateStore store = store();
    for (int i = 0; i < MemoryOAuthStateStore.MOST; i++) {
      store.put("state" + i, "value", Duration.ofMinutes(10));
    }
    assertThatThrownBy(() -> store.put("more", "value", Duration.ofMinutes(10)))
        .isInstanceOf(OAuthStateStoreUnavailableException.class);
    assertThat(store.find("state0")).isPresent();
    clock.advance(Duration.ofMinutes(10));
    store.put("more", "value", Duration.ofMinutes(10));
    assertThat(store.find("more")).isPresent();
  }
}

package io.heliograph.login.store;

import io.heliograph.login.GrantStore;

class MemoryGrantStoreTests extends GrantStoreContract {

  @Override
  protected GrantStore store() {
    return new MemoryGrantStore(clock);
  }
}

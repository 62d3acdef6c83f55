package io.heliograph.login;

class MemoryGrantStoreTests extends GrantStoreContract {

  @Override
  protected GrantStore store() {
    return new MemoryGrantStore(clock);
  }
}

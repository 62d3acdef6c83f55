package io.heliograph.login;

class InMemoryGrantStoreTests extends GrantStoreContract {

  @Override
  protected GrantStore store() {
    return new InMemoryGrantStore(clock);
  }
}

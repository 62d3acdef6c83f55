package io.heliograph.login.store;

import io.heliograph.login.TicketStore;

class MemoryTicketStoreTests extends TicketStoreContract {

  @Override
  protected TicketStore store(int maxOpen) {
    return new MemoryTicketStore(clock, maxOpen);
  }
}

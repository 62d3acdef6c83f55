package io.heliograph.login;

class MemoryTicketStoreTests extends TicketStoreContract {

  @Override
  protected TicketStore store(int maxOpen) {
    return new MemoryTicketStore(clock, maxOpen);
  }
}

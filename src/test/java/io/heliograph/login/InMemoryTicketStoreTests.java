package io.heliograph.login;

class InMemoryTicketStoreTests extends TicketStoreContract {

  @Override
  protected TicketStore store(int maxOpen) {
    return new InMemoryTicketStore(clock, maxOpen);
  }
}

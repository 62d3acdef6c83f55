package io.heliograph.session;

/**
 * A transport that can have its memory read before it is written to. Not part of {@link Transport}:
 * it changes nothing but the time that {@code hub.FanOut} needs for very many sessions.
 */
public interface ReadAhead {

  /**
   * Reads what the next write will need, so that it is in the processor's cache by then.
   *
   * @return anything that depends on all that was read
   */
  int readAhead();
}

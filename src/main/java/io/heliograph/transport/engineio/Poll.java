package io.heliograph.transport.engineio;

import io.heliograph.session.Transport.WriteCallback;
import java.nio.ByteBuffer;

/** A GET of a polling client that has not been answered. Any thread may answer it. */
interface Poll {

  /**
   * Answers it; called at most once.
   *
   * @param body owned by the poll
   * @param done called once, on any thread, maybe before this method returns
   */
  void answer(ByteBuffer body, WriteCallback done);

  /** How much of the answer has not left; -1: not known, and watched elsewhere. */
  int unsent();

  /** Cuts its connection, answered or not. */
  void abort();
}

package io.heliograph.protocol.http;

import io.heliograph.session.Encoding;
import java.nio.ByteBuffer;

/** The answer to one poll while it is made. Used under its poll's lock. */
interface PollAnswer {

  /** A client that is further behind asks again at once. */
  int MAX_MESSAGES = 100;

  int MAX_BYTES = 64 * 1024;

  /** How events are encoded on their way to the answer. */
  Encoding encoding();

  /**
   * Adds what the session is sent.
   *
   * @return false when the answer has no room for all of it: the rest comes with the next poll
   */
  boolean add(ByteBuffer encoded);

  /** Whether the client should have it now and not only when its wait is over. */
  boolean isNews();

  /** Whether the next poll can go on from here; otherwise the broker has not said where that is. */
  boolean saysWhere();

  ByteBuffer json();
}

package io.heliograph.session;

import io.heliograph.message.Channel;
import org.jspecify.annotations.Nullable;

/**
 * Where a told state stands among its channel's states, so that a session is never told an older
 * one after a newer. A login's states have such marks; other messages have none.
 *
 * @param version rises with each state
 * @param last nothing comes after it
 */
public record StateVersion(long version, boolean last) {

  /** Knows states by their text; a pure function, since it is asked under a session's lock. */
  @FunctionalInterface
  public interface Reader {

    /** Null when the text is not a state. */
    @Nullable StateVersion read(Channel channel, String json);
  }
}

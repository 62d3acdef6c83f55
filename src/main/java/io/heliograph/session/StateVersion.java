package io.heliograph.session;

import io.heliograph.message.Channel;
import org.jspecify.annotations.Nullable;

/**
 * The version of a state among its channel's states, so that a session is never sent an older one
 * after a newer. A login's states have versions; other messages have none.
 *
 * @param version rises with each state
 * @param last no state comes after it
 */
public record StateVersion(long version, boolean last) {

  /** Recognizes states by their text. A pure function, because it is called under a lock. */
  @FunctionalInterface
  public interface Reader {

    /** Null when the text is not a state. */
    @Nullable StateVersion read(Channel channel, String json);
  }
}

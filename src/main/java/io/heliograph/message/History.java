package io.heliograph.message;

import java.util.List;

/**
 * One page of a channel's log, oldest first.
 *
 * @param messages what is retained after the position that was asked for; messages that expired or
 *     were replaced by their key are left out, so offsets may jump
 * @param through the page is complete up to here: whoever has handled it may move the cursor to
 *     this position
 * @param head the newest position at the moment of reading; the log goes on after this page when it
 *     is past {@code through}
 * @param complete false: messages after the asked position are gone (trimmed, or the log was lost),
 *     and the page begins with the oldest that is left
 */
public record History(List<Message> messages, Position through, Position head, boolean complete) {

  public History {
    messages = List.copyOf(messages);
  }

  /** True when the log held nothing more at the moment of reading. */
  public boolean reachesHead() {
    return through.equals(head);
  }

  /** The position right before this page: what follows it are the page's messages. */
  public Position begin() {
    return messages.isEmpty() ? through : through.at(messages.getFirst().position().offset() - 1);
  }
}

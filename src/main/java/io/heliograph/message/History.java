package io.heliograph.message;

import java.util.List;

/**
 * One page of a channel's log, oldest first.
 *
 * @param messages the retained messages after the requested position; expired messages and those
 *     replaced by a newer one with the same key are left out, so offsets may jump
 * @param through the page is complete up to here: a subscription that has handled it may move its
 *     cursor to this position
 * @param head the newest position at the moment of reading; if it is past {@code through}, there
 *     are more messages after this page
 * @param complete false: messages after the requested position are lost (trimmed, or the log was
 *     lost), and the page begins with the oldest retained message
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

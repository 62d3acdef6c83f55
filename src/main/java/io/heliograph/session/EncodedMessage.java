package io.heliograph.session;

import io.heliograph.message.Message;

/**
 * A message that the broker has announced, on its way to every session here that follows its
 * channel: encoded once for all of them.
 */
public record EncodedMessage(Message message, EncodedFrame frame) {

  public EncodedMessage(Message message) {
    this(message, new EncodedFrame(new ServerEvent.Delivery(message)));
  }
}

package io.heliograph.session;

import io.heliograph.message.Message;

/**
 * A message that the broker has announced, on its way to every session here that follows its
 * channel: encoded once for all of them.
 */
public record Announced(Message message, EncodedFrame frame) {

  public Announced(Message message) {
    this(message, new EncodedFrame(new ServerFrame.Delivery(message)));
  }
}

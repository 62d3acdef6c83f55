package io.heliograph.session;

import io.heliograph.message.Channel;
import io.heliograph.message.Position;

/**
 * A transport that keeps track of what its client was sent, for a protocol whose clients resume
 * after the last message that they got, whatever its channel.
 */
public interface MessageTrail {

  /**
   * A message is in the write that comes next, in the place of this call. One that is sent again
   * after the queue was dropped comes again. By one thread at a time.
   */
  void onWriting(Channel channel, Position position);
}

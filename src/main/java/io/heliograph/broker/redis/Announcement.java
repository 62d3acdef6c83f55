package io.heliograph.broker.redis;

import io.heliograph.broker.ReceiptWish;
import io.heliograph.message.Channel;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * What publish.lua announces.
 *
 * @param redisMillis Redis's time when it was announced
 */
record Announcement(Message message, long redisMillis, @Nullable ReceiptWish wish) {

  /**
   * @throws RuntimeException when the text is none that publish.lua can have announced
   */
  static Announcement parse(String text, Channel channel) {
    int end = text.indexOf('\n');
    String[] head = text.substring(0, end).split(":");
    Position position = new Position(head[0], Long.parseLong(head[1]));
    ReceiptWish wish =
        head.length < 5
            ? null
            : new ReceiptWish(head[3], Duration.ofMillis(Long.parseLong(head[4])));
    return new Announcement(
        MessageCodec.parse(text.substring(end + 1), channel, position),
        Long.parseLong(head[2]),
        wish);
  }
}

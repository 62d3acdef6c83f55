package io.heliograph.protocol.http;

import io.heliograph.message.Channel;
import io.heliograph.message.Position;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Where a client stands on all channels that it follows, as one text for {@code Last-Event-ID} and
 * {@code since}: {@code 1.<check>.<position>~<position>}, in the order of the channels, {@code -}
 * where none is known. The check is made of the list of channels, so that positions of one list are
 * never read as those of another. Opaque to clients.
 */
final class PositionVector {

  /** In its place: the client has to stay away. */
  static final String STOP = "stop";

  private static final String UNKNOWN = "-";
  private static final String SEPARATOR = "~";

  /** Of SHA-256, as base64url makes eight characters of them. */
  private static final int CHECK_BYTES = 6;

  private final List<Channel> channels;
  private final String prefix;

  /**
   * @param channels in the order in which the session follows them, without the session's own
   */
  PositionVector(List<Channel> channels) {
    this.channels = List.copyOf(channels);
    this.prefix = "1." + check(this.channels) + '.';
  }

  private static String check(List<Channel> channels) {
    try {
      MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
      for (Channel channel : channels) {
        sha256.update(channel.text().getBytes(StandardCharsets.UTF_8));
        sha256.update((byte) '\n');
      }
      byte[] begin = Arrays.copyOf(sha256.digest(), CHECK_BYTES);
      return Base64.getUrlEncoder().encodeToString(begin);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("Every Java platform has SHA-256", e);
    }
  }

  List<Channel> channels() {
    return channels;
  }

  /**
   * @param positions null for a channel whose position is not known
   */
  String text(Function<Channel, @Nullable Position> positions) {
    // Run for each copy of a message, so without a text of each position.
    StringBuilder text = new StringBuilder(prefix.length() + 24 * channels.size()).append(prefix);
    for (int i = 0; i < channels.size(); i++) {
      Position position = positions.apply(channels.get(i));
      text.append(i == 0 ? "" : SEPARATOR);
      if (position == null) {
        text.append(UNKNOWN);
      } else {
        text.append(position.epoch()).append(':').append(position.offset());
      }
    }
    return text.toString();
  }

  /**
   * Reads what {@link #text} made for the same channels.
   *
   * @return the positions that are known; null when the text is of other channels, or no vector
   */
  @Nullable Map<Channel, Position> read(String text) {
    if (!text.startsWith(prefix)) {
      return null;
    }
    String[] parts = text.substring(prefix.length()).split(SEPARATOR, -1);
    if (parts.length != channels.size()) {
      return null;
    }
    Map<Channel, Position> positions = HashMap.newHashMap(parts.length);
    for (int i = 0; i < parts.length; i++) {
      if (!parts[i].equals(UNKNOWN)) {
        try {
          positions.put(channels.get(i), Position.parse(parts[i]));
        } catch (IllegalArgumentException e) {
          return null;
        }
      }
    }
    return positions;
  }
}

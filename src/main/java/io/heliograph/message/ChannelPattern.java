package io.heliograph.message;

/**
 * Matches channels: one by its text form, or all that start with a prefix, written as the prefix
 * followed by {@code *}.
 *
 * @param text such as {@code topic:news} or {@code topic:room-*}
 */
public record ChannelPattern(String text) {

  public ChannelPattern {
    int star = text.indexOf('*');
    // A star elsewhere would look like a wildcard and match nothing.
    if (text.isBlank() || (star >= 0 && star != text.length() - 1)) {
      throw new IllegalArgumentException(
          "is neither a channel nor a prefix followed by *; expected is for example topic:news or"
              + " topic:room-*");
    }
    if (star < 0) {
      Channel.parse(text);
    }
  }

  public boolean matches(Channel channel) {
    return text.endsWith("*")
        ? channel.text().startsWith(text.substring(0, text.length() - 1))
        : channel.text().equals(text);
  }
}

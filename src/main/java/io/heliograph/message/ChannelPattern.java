package io.heliograph.message;

/**
 * Names channels: one by its text form, or all that begin with a text, which {@code *} follows.
 *
 * @param text such as {@code topic:news} or {@code topic:room-*}
 */
public record ChannelPattern(String text) {

  public ChannelPattern {
    int star = text.indexOf('*');
    // Anywhere but at the end it would look like a rule and match nothing.
    if (text.isBlank() || (star >= 0 && star != text.length() - 1)) {
      throw new IllegalArgumentException(
          "a channel, or the beginning of one followed by *, is expected");
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

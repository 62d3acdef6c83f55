package io.heliograph.message;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The place of a message in its channel's log: an epoch and an offset. Offsets are dense and start
 * at 1, so a missing message is detected; a new epoch means that an earlier log was lost. To
 * clients the text form {@code epoch:offset} is opaque.
 *
 * @param epoch identifies the log from its creation to its loss, 1 to 32 characters of base64url
 * @param offset 0 is the position before the first message
 */
public record Position(String epoch, long offset) {

  private static final int MAX_EPOCH_LENGTH = 32;

  /** The largest offset of the text form, 18 digits. */
  private static final long MAX_OFFSET = 999_999_999_999_999_999L;

  private static final Pattern TEXT = Pattern.compile("([A-Za-z0-9_-]{1,32}):(0|[1-9][0-9]{0,17})");

  /**
   * The epoch that a broker reports for a channel without a log: 0-&lt;random mark of the
   * broker&gt;.
   */
  private static final Pattern WITHOUT_LOG = Pattern.compile("0-[0-9a-f]{8}-[0-9]{10,20}");

  public Position {
    if (!isEpoch(epoch) || offset < 0 || offset > MAX_OFFSET) {
      throw new IllegalArgumentException("not a position: epoch " + epoch + ", offset " + offset);
    }
  }

  /** Not by a pattern: each publish makes several positions. */
  private static boolean isEpoch(String text) {
    if (text.isEmpty() || text.length() > MAX_EPOCH_LENGTH) {
      return false;
    }
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      boolean letterOrDigit =
          (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
      if (!letterOrDigit && c != '_' && c != '-') {
        return false;
      }
    }
    return true;
  }

  /**
   * Reads a text form.
   *
   * @throws IllegalArgumentException with a sentence that can be shown to the caller
   */
  public static Position parse(String text) {
    Matcher matcher = TEXT.matcher(text);
    if (!matcher.matches()) {
      throw new IllegalArgumentException(
          "is not a position; expected is epoch:offset, as in an earlier answer");
    }
    return new Position(matcher.group(1), Long.parseLong(matcher.group(2)));
  }

  /**
   * Whether this is the position of a channel without a log. The first message of its first log
   * (another epoch, offset 1) directly follows this position.
   */
  public boolean isWithoutLog() {
    return offset == 0 && WITHOUT_LOG.matcher(epoch).matches();
  }

  public Position at(long otherOffset) {
    return new Position(epoch, otherOffset);
  }

  public String text() {
    return epoch + ':' + offset;
  }

  @Override
  public String toString() {
    return text();
  }
}

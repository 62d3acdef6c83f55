package io.heliograph.hub;

/**
 * What became of one message on one node so far; the numbers only grow.
 *
 * @param followers sessions that it was announced to
 * @param written of those, the ones whose network took it
 * @param acknowledged and the ones whose client handled it
 */
record DeliveryCounts(int followers, int written, int acknowledged) {

  private static final String FORM = "1";

  /** As one node tells another. */
  String text(String messageId) {
    return FORM + ' ' + messageId + ' ' + followers + ' ' + written + ' ' + acknowledged;
  }

  record Told(String messageId, DeliveryCounts tally) {}

  /**
   * @throws IllegalArgumentException when it is not of this form
   */
  static Told parse(String text) {
    String[] words = text.split(" ", 6);
    if (words.length != 5 || !words[0].equals(FORM)) {
      throw new IllegalArgumentException("not a receipt of form " + FORM);
    }
    return new Told(
        words[1], new DeliveryCounts(number(words[2]), number(words[3]), number(words[4])));
  }

  private static int number(String word) {
    return Integer.parseUnsignedInt(word);
  }

  /** Texts may come twice, and an older one after a newer. */
  DeliveryCounts or(DeliveryCounts other) {
    return new DeliveryCounts(
        Math.max(followers, other.followers),
        Math.max(written, other.written),
        Math.max(acknowledged, other.acknowledged));
  }

  DeliveryCounts plus(DeliveryCounts other) {
    return new DeliveryCounts(
        followers + other.followers, written + other.written, acknowledged + other.acknowledged);
  }
}

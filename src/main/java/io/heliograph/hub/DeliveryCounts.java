package io.heliograph.hub;

/**
 * Delivery counts of one message on one node. They only increase.
 *
 * @param subscribers sessions that the message was announced to
 * @param written of those, the sessions whose connection took it
 * @param acknowledged of those, the sessions whose client acknowledged it
 */
record DeliveryCounts(int subscribers, int written, int acknowledged) {

  private static final String FORM = "1";

  /** The text form on the bus between nodes. */
  String text(String messageId) {
    return FORM + ' ' + messageId + ' ' + subscribers + ' ' + written + ' ' + acknowledged;
  }

  record Report(String messageId, DeliveryCounts counts) {}

  /**
   * @throws IllegalArgumentException when the text is malformed
   */
  static Report parse(String text) {
    String[] words = text.split(" ", 6);
    if (words.length != 5 || !words[0].equals(FORM)) {
      throw new IllegalArgumentException("not a receipt of form " + FORM);
    }
    return new Report(
        words[1], new DeliveryCounts(number(words[2]), number(words[3]), number(words[4])));
  }

  private static int number(String word) {
    return Integer.parseUnsignedInt(word);
  }

  /** Combines two reports, which may be repeated or out of order. */
  DeliveryCounts or(DeliveryCounts other) {
    return new DeliveryCounts(
        Math.max(subscribers, other.subscribers),
        Math.max(written, other.written),
        Math.max(acknowledged, other.acknowledged));
  }

  DeliveryCounts plus(DeliveryCounts other) {
    return new DeliveryCounts(
        subscribers + other.subscribers,
        written + other.written,
        acknowledged + other.acknowledged);
  }
}

package io.heliograph.broker.memory;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The messages that a log keeps, in the order of their offsets: a reference each in one array.
 * Adding and dropping the oldest cost the same however many there are; finding an offset halves,
 * since messages that were replaced leave no hole. Not thread-safe: guarded by the broker's lock.
 */
final class MessageRing {

  private static final @Nullable CompactMessage[] NONE = {};

  private @Nullable CompactMessage[] messages = NONE;
  private int begin;
  private int end;

  int size() {
    return end - begin;
  }

  boolean isEmpty() {
    return begin == end;
  }

  /**
   * @param index 0: the oldest
   */
  CompactMessage get(int index) {
    CompactMessage message = index < 0 || index >= size() ? null : messages[begin + index];
    if (message == null) {
      throw new IndexOutOfBoundsException(index);
    }
    return message;
  }

  /** Its offset is higher than all others. */
  void add(CompactMessage message) {
    if (end == messages.length) {
      makeRoom();
    }
    messages[end++] = message;
  }

  /** What was dropped at the front makes room, if it is half of the array; else that grows. */
  private void makeRoom() {
    int size = size();
    boolean grow = begin == 0 || size > messages.length / 2;
    @Nullable CompactMessage[] into = grow ? new CompactMessage[size + size / 2 + 1] : messages;
    System.arraycopy(messages, begin, into, 0, size);
    if (into == messages) {
      Arrays.fill(messages, size, end, null);
    }
    messages = into;
    begin = 0;
    end = size;
  }

  void removeFirst() {
    get(0);
    messages[begin++] = null;
    if (isEmpty()) {
      messages = NONE;
      begin = 0;
      end = 0;
    }
  }

  /** The message with this offset, taken out; null when there is none. */
  @Nullable CompactMessage remove(long offset) {
    int index = indexAfter(offset - 1);
    if (index == size() || get(index).offset() != offset) {
      return null;
    }
    CompactMessage removed = get(index);
    // All before it move up by one: what is replaced is seldom far from the front.
    System.arraycopy(messages, begin, messages, begin + 1, index);
    removeFirst();
    return removed;
  }

  /** Where the messages with higher offsets begin; the size when there are none. */
  int indexAfter(long offset) {
    int low = 0;
    int high = size();
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (get(middle).offset() <= offset) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low;
  }
}

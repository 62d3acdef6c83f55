package io.heliograph.broker.memory;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The messages of a log, ordered by offset, as references in one array. Appending and dropping the
 * oldest take constant time; finding an offset is a binary search, because replaced messages leave
 * no hole. Not thread-safe: guarded by the broker's lock.
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
   * @param index 0 is the oldest
   */
  CompactMessage get(int index) {
    CompactMessage message = index < 0 || index >= size() ? null : messages[begin + index];
    if (message == null) {
      throw new IndexOutOfBoundsException(index);
    }
    return message;
  }

  /** Appends a message whose offset is higher than all others. */
  void add(CompactMessage message) {
    if (end == messages.length) {
      makeRoom();
    }
    messages[end++] = message;
  }

  /** Reuses the space of dropped messages if it is half of the array, else grows. */
  @SuppressWarnings("ReferenceEquality") // the same array or another one
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

  /** Removes and returns the message with this offset; null when there is none. */
  @Nullable CompactMessage remove(long offset) {
    int index = indexAfter(offset - 1);
    if (index == size() || get(index).offset() != offset) {
      return null;
    }
    CompactMessage removed = get(index);
    // Moves the older ones up by one, because a replaced message is usually near the front.
    System.arraycopy(messages, begin, messages, begin + 1, index);
    removeFirst();
    return removed;
  }

  /** The index of the first message with a higher offset; the size when there is none. */
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

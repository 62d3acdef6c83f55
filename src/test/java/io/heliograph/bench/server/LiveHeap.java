package io.heliograph.bench.server;

import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What the heap of a Java server holds after a collection.
 *
 * @param bytes all together
 */
public record LiveHeap(long bytes, Map<String, Long> bytesByClass) {

  private static final Pattern CLASS = Pattern.compile("(?m)^ *\\d+: +\\d+ +(\\d+) +(\\S+)");
  private static final Pattern TOTAL = Pattern.compile("(?m)^Total +\\d+ +(\\d+)");

  /**
   * @param histogram as {@code jcmd GC.class_histogram} prints it
   */
  static LiveHeap of(String histogram) throws IOException {
    Matcher total = TOTAL.matcher(histogram);
    if (!total.find()) {
      throw new IOException("no total in the histogram");
    }
    Map<String, Long> bytesByClass = new HashMap<>();
    Matcher each = CLASS.matcher(histogram);
    while (each.find()) {
      // The classes of several loaders may have one name.
      bytesByClass.merge(each.group(2), Long.parseLong(each.group(1)), Long::sum);
    }
    return new LiveHeap(Long.parseLong(total.group(1)), bytesByClass);
  }
}

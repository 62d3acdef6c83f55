package io.heliograph.message;

import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The trace that a message belongs to, from the call that published it to the node that writes it:
 * the {@code traceparent} of W3C Trace Context (Level 2, section 3.2). It is kept with the message
 * and never sent to clients.
 *
 * @param text version, trace id, parent id and flags, as received
 */
public record TraceParent(String text) {

  public static final String HEADER = "traceparent";

  private static final Pattern VERSION_00 =
      Pattern.compile("00-(?!0{32})[0-9a-f]{32}-(?!0{16})[0-9a-f]{16}-[0-9a-f]{2}");

  public TraceParent {
    if (!VERSION_00.matcher(text).matches()) {
      throw new IllegalArgumentException("not a traceparent of version 00");
    }
  }

  /**
   * Parses a header; null when it is absent or invalid. The message is then published without a
   * trace (section 4.3 of the standard).
   */
  public static @Nullable TraceParent of(@Nullable String header) {
    return header != null && VERSION_00.matcher(header).matches() ? new TraceParent(header) : null;
  }

  public String traceId() {
    return text.substring(3, 35);
  }

  /** The caller's span. */
  public String spanId() {
    return text.substring(36, 52);
  }

  /** Whether the caller records this trace. Only sampled traces are logged. */
  public boolean isSampled() {
    return (Integer.parseInt(text, 53, 55, 16) & 1) == 1;
  }
}

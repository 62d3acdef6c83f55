package io.heliograph.problem;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Refuses unknown fields and parameters and suggests the name that was probably meant. If a
 * misspelt name were ignored, the caller would believe that it took effect.
 */
public final class UnknownNames {

  /**
   * Up to this number of typing errors (wrong, missing, additional or swapped letters) a name is
   * suggested.
   */
  private static final int MAX_DISTANCE = 2;

  /** A longer name is cut where it is quoted. */
  private static final int MAX_QUOTED = 64;

  private UnknownNames() {}

  /**
   * @param pointer where the field is, or the parameter's name
   * @param name as the caller sent it
   * @param known in the order in which they are listed to the caller
   */
  public static ProblemException refuse(String pointer, String name, Collection<String> known) {
    return ProblemException.invalid(pointer, reason(name, known));
  }

  /** The same for a field of the object at the pointer {@code parent}. */
  public static ProblemException refuseField(String parent, String name, Collection<String> known) {
    return refuse(parent + '/' + escape(name), name, known);
  }

  /** The same for a query parameter. */
  public static ProblemException refuseParameter(String name, Collection<String> known) {
    return refuse(quoted(name), name, known);
  }

  /** What is wrong with the name, and what would be right. */
  public static String reason(String name, Collection<String> known) {
    String meant = probably(name, known);
    return meant != null
        ? "is not known; did you mean " + meant + "?"
        : known.isEmpty()
            ? "is not known; none is expected here"
            : "is not known; known are " + String.join(", ", known);
  }

  /** The most similar known name; null when none is similar. */
  public static @Nullable String probably(String name, Collection<String> known) {
    String nearest = null;
    int best = MAX_DISTANCE + 1;
    for (String candidate : known) {
      if (Math.abs(name.length() - candidate.length()) > MAX_DISTANCE) {
        continue;
      }
      int distance = distance(name, candidate);
      // Two errors in a name of three letters make it another name.
      if (distance < best && distance < Math.max(candidate.length(), name.length()) - 1) {
        best = distance;
        nearest = candidate;
      }
    }
    return nearest;
  }

  /** The name as it is quoted in an answer: shortened, and without control characters. */
  public static String quoted(String name) {
    return escape(name).replace("~1", "/").replace("~0", "~");
  }

  /** As in RFC 6901, and shortened, because callers choose the name. */
  private static String escape(String name) {
    String cut = name.length() > MAX_QUOTED ? name.substring(0, MAX_QUOTED) : name;
    StringBuilder escaped = new StringBuilder();
    for (int i = 0; i < cut.length(); i++) {
      char c = cut.charAt(i);
      switch (c) {
        case '~' -> escaped.append("~0");
        case '/' -> escaped.append("~1");
        default -> escaped.append(Character.isSurrogate(c) || c < ' ' ? '?' : c);
      }
    }
    return escaped.toString();
  }

  /** The Damerau–Levenshtein distance (optimal string alignment), ignoring case. */
  public static int distance(String one, String other) {
    int[] beforeLast = new int[other.length() + 1];
    int[] last = new int[other.length() + 1];
    int[] row = new int[other.length() + 1];
    for (int j = 0; j < last.length; j++) {
      last[j] = j;
    }
    for (int i = 1; i <= one.length(); i++) {
      row[0] = i;
      for (int j = 1; j <= other.length(); j++) {
        int cost = same(one.charAt(i - 1), other.charAt(j - 1)) ? 0 : 1;
        row[j] = Math.min(Math.min(row[j - 1], last[j]) + 1, last[j - 1] + cost);
        if (i > 1
            && j > 1
            && same(one.charAt(i - 1), other.charAt(j - 2))
            && same(one.charAt(i - 2), other.charAt(j - 1))) {
          row[j] = Math.min(row[j], beforeLast[j - 2] + 1);
        }
      }
      int[] spare = beforeLast;
      beforeLast = last;
      last = row;
      row = spare;
    }
    return last[other.length()];
  }

  private static boolean same(char one, char other) {
    return Character.toLowerCase(one) == Character.toLowerCase(other);
  }
}

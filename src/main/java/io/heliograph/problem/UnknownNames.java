package io.heliograph.problem;

import java.util.Collection;
import org.jspecify.annotations.Nullable;

/**
 * Refuses fields and parameters that a call does not have, with the name that was probably meant: a
 * misspelt name that is ignored looks as if it took effect.
 */
public final class UnknownNames {

  /**
   * Typing errors up to which a name is suggested: letters that are wrong, missing, too many or
   * exchanged.
   */
  private static final int MAX_DISTANCE = 2;

  /** A longer name is cut where it is quoted. */
  private static final int MAX_QUOTED = 64;

  private UnknownNames() {}

  /**
   * @param pointer where the field is, or the parameter's name
   * @param name as the caller wrote it
   * @param known in the order in which they are listed to the caller
   */
  public static ProblemException refuse(String pointer, String name, Collection<String> known) {
    return ProblemException.invalid(pointer, reason(name, known));
  }

  /** The same for a field of the object at {@code parent}. */
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
            ? "is not known; this call has none"
            : "is not known; known are " + String.join(", ", known);
  }

  /** The known name that is nearest; null when none is near. */
  public static @Nullable String probably(String name, Collection<String> known) {
    String nearest = null;
    int best = MAX_DISTANCE + 1;
    for (String candidate : known) {
      if (Math.abs(name.length() - candidate.length()) > MAX_DISTANCE) {
        continue;
      }
      int distance = distance(name, candidate);
      // In a short name two errors leave nothing of it.
      if (distance < best && distance < Math.max(candidate.length(), name.length()) - 1) {
        best = distance;
        nearest = candidate;
      }
    }
    return nearest;
  }

  /** The name as it is quoted to the caller: cut, and without control characters. */
  public static String quoted(String name) {
    return escape(name).replace("~1", "/").replace("~0", "~");
  }

  /** RFC 6901; cut, because the name is the caller's. */
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

  /** Damerau and Levenshtein's (optimal string alignment), without regard to case. */
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

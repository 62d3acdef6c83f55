package io.heliograph.problem;

import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.StreamConstraintsException;
import tools.jackson.core.exc.UnexpectedEndOfInputException;

/**
 * Describes invalid JSON: line, column and what was expected there. Never quotes the text, which
 * may hold a secret.
 */
public final class JsonProblems {

  private JsonProblems() {}

  /**
   * @param pointer where the parser stopped
   * @param limits the reason given when the text exceeds a limit of the parser
   */
  public static ProblemException of(JacksonException e, String pointer, String limits) {
    String message = String.valueOf(e.getOriginalMessage());
    if (e instanceof StreamConstraintsException) {
      return ProblemException.invalid(pointer, limits);
    }
    if (message.startsWith("Duplicate")) {
      return ProblemException.invalid(pointer, "has a field twice" + place(e.getLocation()));
    }
    return ProblemException.invalid(
        "", "is not well-formed JSON" + place(e.getLocation()) + ": " + hint(e, message));
  }

  private static String place(@Nullable TokenStreamLocation location) {
    return location == null || location.getLineNr() < 1
        ? ""
        : " at line %d, column %d".formatted(location.getLineNr(), location.getColumnNr());
  }

  /** Jackson's own message quotes the text, so it is only inspected and never passed on. */
  private static String hint(JacksonException e, String message) {
    if (e instanceof UnexpectedEndOfInputException || message.startsWith("Unexpected end-of-")) {
      return "it ends too early; a quote, a bracket or a value is missing";
    }
    if (message.startsWith("Trailing token")) {
      return "more text follows after the value";
    }
    if (message.contains("expecting double-quote")) {
      return "a name in double quotes is expected";
    }
    if (message.contains("colon")) {
      return "a colon is expected after a name";
    }
    if (message.contains("comma")) {
      return "a comma or a closing bracket is expected";
    }
    if (message.startsWith("Illegal unquoted character")) {
      return "a control character in a string has to be escaped, a line break as \\n";
    }
    if (message.contains("escape")) {
      return "a backslash in a string has to be followed by one of \" \\ / b f n r t u";
    }
    return "a value is expected: an object, a list, a string in double quotes, a number, true,"
        + " false or null";
  }
}

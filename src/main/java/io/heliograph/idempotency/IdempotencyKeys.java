package io.heliograph.idempotency;

import io.heliograph.problem.ProblemException;
import jakarta.servlet.http.HttpServletRequest;
import java.util.Collections;
import java.util.Enumeration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Reads the header {@code Idempotency-Key}: a string in quotes (structured fields, RFC 8941 section
 * 3.3.3) or a bare token, which most clients send. Anything else is refused, because servers that
 * cut it at a quote or comma in different ways would see different keys.
 */
public final class IdempotencyKeys {

  public static final String HEADER = "Idempotency-Key";

  private static final int MAX_LENGTH = 255;

  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9!#$%&'*+.^_`|~:/-]+");
  private static final Pattern QUOTED =
      Pattern.compile("\"((?:[\\x20-\\x21\\x23-\\x5b\\x5d-\\x7e]|\\\\[\"\\\\])+)\"");

  private IdempotencyKeys() {}

  /** The request's key; null when the header is absent. */
  public static @Nullable String of(HttpServletRequest request) {
    Enumeration<String> values = request.getHeaders(HEADER);
    return values.hasMoreElements() ? read(String.join(",", Collections.list(values))) : null;
  }

  /**
   * @param header several headers are joined by a comma, which a bare key cannot contain
   * @return null when the header is null
   * @throws ProblemException when it is not a valid key
   */
  public static @Nullable String read(@Nullable String header) {
    if (header == null) {
      return null;
    }
    String value = header.strip();
    Matcher quoted = QUOTED.matcher(value);
    String key =
        quoted.matches()
            ? quoted.group(1).replaceAll("\\\\(.)", "$1")
            : TOKEN.matcher(value).matches() ? value : "";
    if (key.isEmpty() || key.length() > MAX_LENGTH) {
      throw ProblemException.invalid(
          HEADER,
          "has to be 1 to "
              + MAX_LENGTH
              + " characters: either in double quotes, printable ASCII; or bare, of A-Z a-z 0-9 ! #"
              + " $ % & ' * + - . ^ _ ` | ~ : /");
    }
    return key;
  }
}

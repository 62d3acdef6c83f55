package io.heliograph.security;

import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import jakarta.servlet.ServletRequest;
import java.security.Principal;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The identity of a backend that presented an API key. Holds no part of the key.
 *
 * @param name the key's name in the configuration; may be logged
 */
public record ApiKey(String name, Set<Scope> scopes) implements Principal {

  private static final String ATTRIBUTE = ApiKey.class.getName();

  public ApiKey {
    scopes = Set.copyOf(scopes);
  }

  @Override
  public String getName() {
    return name;
  }

  public boolean may(Scope scope) {
    return scopes.contains(scope) || scopes.contains(Scope.ADMIN);
  }

  /**
   * @throws ProblemException when the key lacks the scope
   */
  void require(Scope scope) {
    if (!may(scope)) {
      throw new ProblemException(
          ProblemType.FORBIDDEN,
          "The API key lacks the scope "
              + scope.name().toLowerCase(Locale.ROOT)
              + "; its scopes are set in heliograph.security.api-keys.");
    }
  }

  /** The key of the request; null when the call needs none and none was sent. */
  public static @Nullable ApiKey of(ServletRequest request) {
    return (ApiKey) request.getAttribute(ATTRIBUTE);
  }

  void attachTo(ServletRequest request) {
    request.setAttribute(ATTRIBUTE, this);
  }
}

package io.heliograph.security;

import io.heliograph.message.Ids;
import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import io.heliograph.settings.RefusedSettingException;
import jakarta.servlet.http.HttpServletRequest;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.Enumeration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * The API keys of backends. Memory holds only their SHA-256; a slow hash is not needed because the
 * keys are random. Every look-up compares with all keys in constant time.
 */
@Component
public class ApiKeys {

  private static final String SCHEME = "Bearer ";
  private static final int GENERATED_BYTES = 32;

  /** Longer than any key; a longer text is refused without being hashed. */
  private static final int MAX_LENGTH = 1024;

  private record Entry(byte[] hash, ApiKey key) {}

  private final List<Entry> entries = new ArrayList<>();
  private final boolean generated;
  private final AtomicReference<@Nullable String> notYetShown = new AtomicReference<>();

  ApiKeys(SecurityProperties properties) {
    if (properties.apiKey() != null) {
      String setting = "heliograph.security.api-key";
      add(setting, properties.apiKey(), new ApiKey("api-key", EnumSet.allOf(Scope.class)));
    }
    Set<String> names = new HashSet<>();
    for (int i = 0; i < properties.apiKeys().size(); i++) {
      String setting = "heliograph.security.api-keys[" + i + "]";
      SecurityProperties.Key key = properties.apiKeys().get(i);
      if (key.scopes().isEmpty()) {
        throw new RefusedSettingException(
            setting + ".scopes",
            "is missing; an API key needs one or more of push, sessions, login, tokens, admin");
      }
      String name = key.name() == null || key.name().isBlank() ? "key-" + i : key.name();
      if (!names.add(name)) {
        throw new RefusedSettingException(
            setting + ".name",
            "is '" + name + "', which another API key has already; names must be unique");
      }
      add(setting + ".key", key.key(), new ApiKey(name, key.scopes()));
    }
    generated = entries.isEmpty();
    if (generated) {
      String key = Ids.random(GENERATED_BYTES);
      entries.add(new Entry(sha256(key), new ApiKey("generated", EnumSet.allOf(Scope.class))));
      notYetShown.set(key);
    }
  }

  private void add(String setting, @Nullable String value, ApiKey key) {
    byte[] hash = sha256(SecretStrength.requireStrong(setting, value));
    if (entries.stream().anyMatch(e -> MessageDigest.isEqual(e.hash, hash))) {
      throw new RefusedSettingException(
          setting, "is the same key as that of another entry; each needs a key of its own");
    }
    entries.add(new Entry(hash, key));
  }

  /** The presented key; null when it is unknown. */
  public @Nullable ApiKey find(String presented) {
    if (presented.isEmpty() || presented.length() > MAX_LENGTH) {
      return null;
    }
    byte[] hash = sha256(presented);
    ApiKey found = null;
    for (Entry entry :
        entries) { // Does not stop at a match, so that the time does not reveal which key matched.
      if (MessageDigest.isEqual(entry.hash, hash)) {
        found = entry.key;
      }
    }
    return found;
  }

  /** The key in the request's {@code Authorization: Bearer}; null when it is unknown or absent. */
  public @Nullable ApiKey of(HttpServletRequest request) {
    String presented = bearer(request);
    return presented == null ? null : find(presented);
  }

  /**
   * The key of the request.
   *
   * @throws ProblemException when the key is absent or unknown, or lacks the scope
   */
  public ApiKey require(HttpServletRequest request, Scope scope) {
    ApiKey key = of(request);
    if (key == null) {
      throw unauthenticated(request);
    }
    key.require(scope);
    return key;
  }

  /** The problem of a request without a known key: what is wrong with {@code Authorization}. */
  public static ProblemException unauthenticated(HttpServletRequest request) {
    Enumeration<String> headers = request.getHeaders("Authorization");
    String detail;
    if (!headers.hasMoreElements()) {
      detail = "Missing API key: send the header Authorization: Bearer <key>.";
    } else if (bearer(request) != null) {
      detail =
          "Unknown API key. A key that was generated at start is valid until the process ends;"
              + " heliograph.security.api-key sets a permanent one.";
    } else {
      headers.nextElement();
      detail =
          headers.hasMoreElements()
              ? "More than one Authorization header: send one, Authorization: Bearer <key>."
              : "Authorization is not a Bearer token: send Authorization: Bearer <key>.";
    }
    return new ProblemException(ProblemType.UNAUTHENTICATED, detail);
  }

  /** Several headers count as none: a proxy may have checked another one. */
  private static @Nullable String bearer(HttpServletRequest request) {
    Enumeration<String> headers = request.getHeaders("Authorization");
    String header = headers.hasMoreElements() ? headers.nextElement() : null;
    return header == null
            || headers.hasMoreElements()
            || !header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())
        ? null
        : header.substring(SCHEME.length()).strip();
  }

  /** Whether no key is configured, so that this process generated one. */
  public boolean generated() {
    return generated;
  }

  /** The generated key on the first call, then null; the process keeps only its hash. */
  @Nullable String takeGenerated() {
    return notYetShown.getAndSet(null);
  }

  private static byte[] sha256(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}

package io.heliograph.security;

import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import io.heliograph.settings.RefusedSettingException;
import io.heliograph.web.OutboundCall;
import io.heliograph.web.SharedCall;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Fetches and caches the public keys of the configured issuer. A token can cause this request but
 * cannot influence its address.
 *
 * <p>Keys are fetched again after {@link #FRESH}, or when a token has an unknown key id, but at
 * most every {@link #PAUSE}, so that invented key ids cannot overload the issuer. While the issuer
 * is unavailable, cached keys are used for {@link #STALE}. Thread-safe: one fetch runs at a time
 * and ends within {@link #DEADLINE}; callers that do not need its result do not wait for it.
 */
final class IssuerKeys {

  static final Duration FRESH = Duration.ofMinutes(5);
  static final Duration STALE = Duration.ofHours(1);
  static final Duration PAUSE = Duration.ofSeconds(10);

  private static final Logger log = LoggerFactory.getLogger(IssuerKeys.class);
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

  /** For discovery and keys together, until the last byte. */
  private static final Duration DEADLINE = Duration.ofSeconds(4);

  private static final int MAX_BYTES = 256 * 1024;
  private static final JsonMapper JSON = JsonMapper.shared();

  private record Fetched(List<JWK> keys, Instant at) {}

  private final @Nullable String issuer;
  private volatile @Nullable URI jwks;
  private final Clock clock;
  private final HttpClient http =
      HttpClient.newBuilder()
          .followRedirects(HttpClient.Redirect.NEVER)
          .connectTimeout(CONNECT_TIMEOUT)
          .build();
  private final SharedCall<@Nullable Void> fetching = new SharedCall<>();
  private volatile @Nullable Fetched fetched;
  private volatile Instant lastAttempt = Instant.MIN;

  IssuerKeys(@Nullable String issuer, @Nullable URI jwks, Clock clock) {
    this.issuer = issuer;
    this.jwks = jwks;
    this.clock = clock;
    if (jwks != null) {
      requireSafe("heliograph.security.tokens.jwks-uri", jwks);
    } else if (issuer != null) {
      try {
        requireSafe("heliograph.security.tokens.issuer", URI.create(issuer));
      } catch (IllegalArgumentException e) {
        throw new RefusedSettingException(
            "heliograph.security.tokens.issuer",
            "is not a URI; set it to the issuer's https address, or set jwks-uri");
      }
    }
  }

  /**
   * The keys with this id, or all if it is null; null when the issuer is unavailable and no recent
   * keys are cached.
   */
  @Nullable List<JWK> find(@Nullable String keyId) {
    Instant now = clock.instant();
    Fetched known = fetched;
    boolean missing = known == null || (keyId != null && matching(known.keys, keyId).isEmpty());
    boolean old = known == null || known.at.plus(FRESH).isBefore(now);
    if (missing || old) {
      refresh(now, missing);
      known = fetched;
    }
    if (known == null || known.at.plus(STALE).isBefore(now)) {
      return null;
    }
    return keyId == null ? known.keys : matching(known.keys, keyId);
  }

  /**
   * Starts or joins a fetch, and waits for it if the caller needs its result. The caller that
   * starts it always waits, so that keys that the issuer revoked are dropped soon.
   */
  private void refresh(Instant now, boolean needed) {
    CompletableFuture<@Nullable Void> fetch = fetching.running();
    boolean first = fetch == null;
    if (fetch == null) {
      if (isPaused(now)) {
        return;
      }
      fetch = fetching.join(() -> fetch(now));
    }
    if (first || needed) {
      try {
        // The fetch ends by its own deadline; this timeout only guards against an overloaded
        // machine.
        fetch.get(2 * DEADLINE.toNanos(), TimeUnit.NANOSECONDS);
      } catch (ExecutionException | TimeoutException e) {
        log.debug("The issuer's keys could not be fetched", e); // the fetch has logged the cause
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private boolean isPaused(Instant now) {
    return !lastAttempt.equals(Instant.MIN) && lastAttempt.plus(PAUSE).isAfter(now);
  }

  private @Nullable Void fetch(Instant now) {
    if (isPaused(now)) {
      return null; // Another fetch ended after the caller's check.
    }
    lastAttempt = now;
    long deadline = System.nanoTime() + DEADLINE.toNanos();
    try {
      fetched = new Fetched(JWKSet.parse(get(address(deadline), deadline)).getKeys(), now);
    } catch (IOException | ParseException | RuntimeException e) {
      log.warn(
          "The keys of the issuer in heliograph.security.tokens could not be fetched: {}",
          e.getClass().getSimpleName());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return null;
  }

  /**
   * The address of the keys, by OpenID Connect Discovery (RFC 8414). The document has to name the
   * configured issuer.
   */
  private URI address(long deadline) throws IOException, InterruptedException {
    URI known = jwks;
    if (known != null) {
      return known;
    }
    String base = issuer == null ? "" : issuer.replaceAll("/$", "");
    JsonNode document =
        JSON.readTree(get(URI.create(base + "/.well-known/openid-configuration"), deadline));
    if (!document.path("issuer").asString("").equals(issuer)) {
      throw new IOException("the discovery document names another issuer");
    }
    URI found = URI.create(document.path("jwks_uri").asString(""));
    if (!safe(found) || (found.getScheme().equals("http") && !base.startsWith("http:"))) {
      throw new IOException("jwks_uri in the discovery document is neither https nor loopback");
    }
    jwks = found;
    return found;
  }

  private String get(URI uri, long deadline) throws IOException, InterruptedException {
    HttpResponse<byte[]> response =
        OutboundCall.send(
            http,
            HttpRequest.newBuilder(uri).header("Accept", "application/json").build(),
            _ ->
                HttpResponse.BodySubscribers.limiting(
                    HttpResponse.BodySubscribers.ofByteArray(), MAX_BYTES),
            deadline);
    if (response.statusCode() != 200) {
      throw new IOException("status " + response.statusCode());
    }
    return new String(response.body(), StandardCharsets.UTF_8);
  }

  private static List<JWK> matching(List<JWK> keys, String keyId) {
    return keys.stream().filter(key -> keyId.equals(key.getKeyID())).toList();
  }

  private static void requireSafe(String setting, URI uri) {
    if (!safe(uri)) {
      throw new RefusedSettingException(
          setting, "must be an https URI, or http to a loopback address, without user info");
    }
  }

  private static boolean safe(URI uri) {
    if (uri.getHost() == null || uri.getUserInfo() != null || uri.getScheme() == null) {
      return false;
    }
    return switch (uri.getScheme().toLowerCase(Locale.ROOT)) {
      case "https" -> true;
      case "http" -> loopback(uri.getHost());
      default -> false;
    };
  }

  private static boolean loopback(String host) {
    try {
      // Only literals and localhost, so that no DNS answer decides.
      return host.equals("localhost")
          || (host.matches("127(\\.\\d{1,3}){3}|\\[[0-9a-f:.]+]")
              && InetAddress.getByName(host).isLoopbackAddress());
    } catch (UnknownHostException e) {
      return false;
    }
  }
}

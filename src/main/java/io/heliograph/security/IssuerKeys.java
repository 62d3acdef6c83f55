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
 * The public keys of a foreign issuer, fetched from one configured address and kept. The only
 * outbound request that a token can cause, and a token has no say in where it goes.
 *
 * <p>Kept for {@link #FRESH}, or until a key id is asked for that is not there, though no more
 * often than every {@link #PAUSE}, so that made-up key ids cannot hammer the issuer. When the
 * issuer is down the old keys serve for {@link #STALE}, then none do. Safe for many threads: one
 * fetch runs at a time, ends within {@link #DEADLINE} whatever the issuer does, and only those wait
 * for it who need a key that is not there.
 */
final class IssuerKeys {

  static final Duration FRESH = Duration.ofMinutes(5);
  static final Duration STALE = Duration.ofHours(1);
  static final Duration PAUSE = Duration.ofSeconds(10);

  private static final Logger log = LoggerFactory.getLogger(IssuerKeys.class);
  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(2);

  /** For discovery and keys together, to the last byte. */
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
            "heliograph.security.tokens.issuer", "is no URI and jwks-uri is not set");
      }
    }
  }

  /**
   * The keys that may have signed; null when the issuer cannot be asked and nothing recent is
   * known.
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
        // It ends by its own deadline; this is for a machine that is late.
        fetch.get(2 * DEADLINE.toNanos(), TimeUnit.NANOSECONDS);
      } catch (ExecutionException | TimeoutException e) {
        log.debug("The issuer's keys did not come", e); // the fetch itself has said why
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
      return null; // Another fetch ended between the look at it and this one's beginning.
    }
    lastAttempt = now;
    long deadline = System.nanoTime() + DEADLINE.toNanos();
    try {
      fetched = new Fetched(JWKSet.parse(get(address(deadline), deadline)).getKeys(), now);
    } catch (IOException | ParseException | RuntimeException e) {
      log.warn("The issuer's keys could not be fetched: {}", e.getClass().getSimpleName());
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    return null;
  }

  /** RFC 8414 and OpenID Connect Discovery: the document has to name the issuer that was asked. */
  private URI address(long deadline) throws IOException, InterruptedException {
    URI known = jwks;
    if (known != null) {
      return known;
    }
    String base = issuer == null ? "" : issuer.replaceAll("/$", "");
    JsonNode document =
        JSON.readTree(get(URI.create(base + "/.well-known/openid-configuration"), deadline));
    if (!document.path("issuer").asString("").equals(issuer)) {
      throw new IOException("another issuer answers");
    }
    URI found = URI.create(document.path("jwks_uri").asString(""));
    if (!safe(found) || (found.getScheme().equals("http") && !base.startsWith("http:"))) {
      throw new IOException("the address of the keys is not safe");
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
          setting, "has to be https, or http to a loopback address, without user info");
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
      // Only literals and localhost, so that no name server has a say.
      return host.equals("localhost")
          || (host.matches("127(\\.\\d{1,3}){3}|\\[[0-9a-f:.]+]")
              && InetAddress.getByName(host).isLoopbackAddress());
    } catch (UnknownHostException e) {
      return false;
    }
  }
}

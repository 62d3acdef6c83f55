package io.heliograph.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import com.sun.net.httpserver.HttpServer;
import io.heliograph.message.Channel;
import io.heliograph.message.ChannelPattern;
import io.heliograph.security.Verification.Accepted;
import io.heliograph.security.Verification.Reason;
import io.heliograph.security.Verification.Refused;
import io.heliograph.settings.RefusedSettingException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.json.JsonMapper;

@org.jspecify.annotations.NullUnmarked // Tests pass null on purpose.
class BrowserTokensTests {

  private static final String SECRET = "Zk3v9QpL7xWc2TnR8yBf5HsJ1mDg6Ua4";
  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final long T = NOW.getEpochSecond();

  private final AtomicReference<Instant> now = new AtomicReference<>(NOW);
  private final Clock clock =
      new Clock() {
        @Override
        public java.time.ZoneId getZone() {
          return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(java.time.ZoneId zone) {
          return this;
        }

        @Override
        public Instant instant() {
          return now.get();
        }
      };
  private final BrowserTokens tokens =
      new BrowserTokens(settings(SECRET, null, null), false, clock);

  private static SecurityProperties.Tokens settings(String secret, String issuer, URI jwks) {
    return new SecurityProperties.Tokens(
        secret,
        issuer,
        jwks,
        "heliograph",
        Duration.ofSeconds(30),
        Duration.ofMinutes(10),
        Duration.ofHours(24),
        "sub",
        100);
  }

  @Test
  void anIssuedTokenIsAcceptedUntilItsExpiryPlusClockSkew() {
    String token =
        tokens
            .issue(
                "alice",
                Set.of(new Channel.Topic("a")),
                Set.of(),
                false,
                Duration.ofMinutes(1),
                false)
            .token();
    assertThat(tokens.verify(token))
        .isEqualTo(
            new Accepted(
                new BrowserToken(
                    "alice",
                    Set.of(new Channel.Topic("a")),
                    Set.of(),
                    false,
                    NOW.plusSeconds(60))));
    now.set(NOW.plusSeconds(89));
    assertThat(tokens.verify(token)).isInstanceOf(Accepted.class);
    now.set(NOW.plusSeconds(91));
    assertThat(tokens.verify(token)).isEqualTo(new Refused(Reason.EXPIRED));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "{\"aud\":\"heliograph\"} | NO_EXPIRY",
        "{\"aud\":\"heliograph\",\"exp\":\"1900000000\"} | NO_EXPIRY",
        "{\"aud\":\"heliograph\",\"exp\":1e309} | NO_EXPIRY",
        "{\"aud\":\"heliograph\",\"exp\":-1} | NO_EXPIRY",
        "{\"aud\":\"heliograph\",\"exp\":1900000000,\"nbf\":1899999999} | NOT_YET_VALID",
        "{\"aud\":\"heliograph\",\"exp\":1900000000,\"nbf\":\"x\"} | NOT_YET_VALID",
        "{\"aud\":\"other\",\"exp\":1900000000} | AUDIENCE",
        "{\"exp\":1900000000} | AUDIENCE",
        "{\"aud\":\"heliograph\",\"exp\":1900000000,\"iss\":\"other\"} | ISSUER",
        "{\"aud\":\"heliograph\",\"exp\":1900000000,\"exp\":1900000001} | MALFORMED",
        "{\"aud\":\"heliograph\",\"exp\":1900000000,\"nonce\":\"n\"} | TYPE",
        "{\"aud\":\"heliograph\",\"exp\":1900000000,\"sub\":\"a b\"} | CLAIMS",
        "{\"aud\":\"heliograph\",\"exp\":1900000000,\"sub\":5} | CLAIMS",
        "{\"aud\":\"heliograph\",\"exp\":1900000000,\"channels\":[\"x:y\"]} | CLAIMS",
        "{\"aud\":\"heliograph\",\"exp\":1900000000,\"once\":true} | CLAIMS"
      })
  void invalidClaimsAreRefusedWithTheirReason(String claims, Reason reason) throws Exception {
    assertThat(tokens.verify(sign("{\"alg\":\"HS256\"}", claims.strip())))
        .isEqualTo(new Refused(reason));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '^',
      value = {
        "{\"alg\":\"none\"} | ALGORITHM",
        "{\"alg\":\"HS512\"} | ALGORITHM",
        "{\"alg\":\"RS256\"} | ALGORITHM",
        "{\"alg\":\"HS256\",\"jku\":\"http://a\"} | ALGORITHM",
        "{\"alg\":\"HS256\",\"crit\":[]} | ALGORITHM",
        "{\"alg\":\"HS256\",\"typ\":\"id_token\"} | TYPE",
        "{\"alg\":\"HS256\",\"alg\":\"none\"} | MALFORMED"
      })
  void headersThatChooseKeyOrAlgorithmAreRefused(String header, Reason reason) throws Exception {
    assertThat(tokens.verify(sign(header.strip(), "{\"aud\":\"heliograph\",\"exp\":1900000000}")))
        .isEqualTo(new Refused(reason));
  }

  @Test
  void tokensOfAnotherSecretAndMalformedTokensAreRefused() {
    String token =
        tokens.issue("alice", Set.of(), Set.of(), false, Duration.ofMinutes(1), false).token();
    assertThat(new BrowserTokens(settings(null, null, null), false, clock).verify(token))
        .isEqualTo(new Refused(Reason.SIGNATURE));
    for (String garbage :
        List.of("", ".", "..", "a.b.c", "a".repeat(9_000), "\u0000.\u0000.\u0000")) {
      assertThat(tokens.verify(garbage)).isEqualTo(new Refused(Reason.MALFORMED));
    }
  }

  @Test
  void ofConcurrentUsesOfAOneUseTokenExactlyOneIsAccepted() throws Exception {
    String token =
        tokens.issue("alice", Set.of(), Set.of(), false, Duration.ofMinutes(1), true).token();
    try (var threads = Executors.newFixedThreadPool(20)) {
      List<Callable<Verification>> uses = new ArrayList<>();
      for (int i = 0; i < 20; i++) {
        uses.add(() -> tokens.verify(token));
      }
      int accepted = 0;
      for (var use : threads.invokeAll(uses)) {
        accepted += use.get() instanceof Accepted ? 1 : 0;
      }
      assertThat(accepted).isEqualTo(1);
    }
    assertThat(tokens.verify(token)).isEqualTo(new Refused(Reason.USED));
  }

  @Test
  void issuerKeysRotateAndAreCachedForALimitedTimeWhileTheIssuerIsDown() throws Exception {
    RSAKey first = new RSAKeyGenerator(2048).keyID("1").generate();
    RSAKey second = new RSAKeyGenerator(2048).keyID("2").generate();
    AtomicReference<String> body =
        new AtomicReference<>(new JWKSet(first.toPublicJWK()).toString());
    AtomicInteger asked = new AtomicInteger();
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.createContext(
        "/keys",
        exchange -> {
          asked.incrementAndGet();
          byte[] bytes = body.get().getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(
              bytes.length == 0 ? 500 : 200, bytes.length == 0 ? -1 : bytes.length);
          exchange.getResponseBody().write(bytes);
          exchange.close();
        });
    server.start();
    try {
      URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/keys");
      BrowserTokens foreign =
          new BrowserTokens(settings(SECRET, "https://issuer", uri), false, clock);
      String old = rsa(first, "https://issuer");

      assertThat(foreign.verify(rsa(first, "https://evil"))).isEqualTo(new Refused(Reason.ISSUER));
      String confused =
          sign(
              "{\"alg\":\"HS256\"}",
              "{\"aud\":\"heliograph\",\"exp\":1900000000}",
              first.toRSAPublicKey().getEncoded());
      assertThat(foreign.verify(confused)).isEqualTo(new Refused(Reason.SIGNATURE));
      assertThat(asked)
          .as("requests to the issuer for tokens that fail before their key is needed")
          .hasValue(0);

      assertThat(foreign.verify(old)).isInstanceOf(Accepted.class);
      body.set(new JWKSet(List.of(first.toPublicJWK(), second.toPublicJWK())).toString());
      now.set(NOW.plusSeconds(11));
      assertThat(foreign.verify(rsa(second, "https://issuer"))).isInstanceOf(Accepted.class);
      assertThat(foreign.verify(old)).isInstanceOf(Accepted.class);
      for (int i = 0; i < 50; i++) {
        assertThat(foreign.verify(rsaAs(first, "../../dev/null" + i)))
            .isEqualTo(new Refused(Reason.UNKNOWN_KEY));
      }
      assertThat(asked).hasValue(2);

      body.set(new JWKSet(second.toPublicJWK()).toString());
      now.set(NOW.plus(Duration.ofMinutes(6)));
      assertThat(foreign.verify(rsa(second, "https://issuer"))).isInstanceOf(Accepted.class);
      assertThat(foreign.verify(old)).isEqualTo(new Refused(Reason.UNKNOWN_KEY));

      body.set("");
      now.set(NOW.plus(Duration.ofMinutes(30)));
      assertThat(foreign.verify(rsa(second, "https://issuer"))).isInstanceOf(Accepted.class);
      now.set(NOW.plus(Duration.ofHours(2)));
      assertThat(foreign.verify(rsa(second, "https://issuer")))
          .isEqualTo(new Refused(Reason.KEYS_UNAVAILABLE));
    } finally {
      server.stop(0);
    }
  }

  /** The risk: one stalled answer blocks all later callers forever. */
  @Test
  void anIssuerThatStallsWithinItsAnswerDelaysCallersForALimitedTimeAndIsRetried()
      throws Exception {
    RSAKey key = new RSAKeyGenerator(2048).keyID("1").generate();
    AtomicBoolean stalls = new AtomicBoolean(true);
    CountDownLatch over = new CountDownLatch(1);
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    server.createContext(
        "/keys",
        exchange -> {
          byte[] bytes = new JWKSet(key.toPublicJWK()).toString().getBytes(StandardCharsets.UTF_8);
          exchange.sendResponseHeaders(200, bytes.length);
          if (stalls.get()) {
            exchange.getResponseBody().write(bytes, 0, 20);
            exchange.getResponseBody().flush();
            try {
              over.await();
            } catch (InterruptedException e) {
              Thread.currentThread().interrupt();
            }
          } else {
            exchange.getResponseBody().write(bytes);
          }
          exchange.close();
        });
    server.start();
    try (var callers = Executors.newVirtualThreadPerTaskExecutor()) {
      URI uri = URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/keys");
      BrowserTokens foreign =
          new BrowserTokens(settings(SECRET, "https://issuer", uri), false, clock);
      String token = rsa(key, "https://issuer");
      List<Callable<Verification>> many = Collections.nCopies(20, () -> foreign.verify(token));
      for (var answer : callers.invokeAll(many, 30, TimeUnit.SECONDS)) {
        assertThat(answer.get()).isEqualTo(new Refused(Reason.KEYS_UNAVAILABLE));
      }
      stalls.set(false);
      now.set(NOW.plusSeconds(11));
      assertThat(foreign.verify(token)).isInstanceOf(Accepted.class);
    } finally {
      over.countDown();
      server.stop(0);
    }
  }

  @Test
  void publishAndUploadClaimsAreParsedStrictly() throws Exception {
    var read = claims("{'sub':'u7','publish':['topic:a','topic:room-*'],'upload':true}").read(NOW);
    assertThat(read.publish())
        .containsExactlyInAnyOrder(
            new ChannelPattern("topic:a"), new ChannelPattern("topic:room-*"));
    assertThat(read.upload()).isTrue();
    for (String wrong :
        List.of(
            "{'sub':'u7','publish':['user:bob']}",
            "{'sub':'u7','publish':['*']}",
            "{'sub':'u7','publish':['topic:*-a']}",
            "{'sub':'u7','publish':'topic:a'}",
            "{'sub':'u7','publish':[7]}",
            "{'sub':'u7','upload':'true'}",
            "{'publish':['topic:a']}",
            "{'channels':['topic:a'],'upload':true}")) {
      assertThatThrownBy(() -> claims(wrong).read(NOW)).as(wrong).hasMessage(Reason.CLAIMS.tag());
    }
  }

  private static BrowserTokenClaims claims(String json) {
    return new BrowserTokenClaims(new JsonMapper().readTree(json.replace('\'', '"')), "sub");
  }

  @Test
  void aSettingSelectsTheClaimThatNamesTheUser() throws Exception {
    var byName =
        new BrowserTokenClaims(
            new JsonMapper().readTree("{\"sub\":\"https://login/a b\",\"user_id\":\"u7\"}"),
            "user_id");
    assertThat(byName.read(NOW).user()).isEqualTo("u7");
  }

  @Test
  void aClusterWithoutASharedSecretDoesNotStart() {
    assertThatThrownBy(() -> new BrowserTokens(settings(null, null, null), true, clock))
        .isInstanceOf(RefusedSettingException.class)
        .hasMessageContaining("heliograph.security.tokens.secret");
  }

  @ParameterizedTest
  @CsvSource({
    "http://10.0.0.1/k",
    "http://127.0.0.1@evil/k",
    "http://0x7f.1/k",
    "http://2130706433/k",
    "file:///k",
    "http://169.254.169.254/k",
    "gopher://a/k",
    "http://example.com/k"
  })
  void issuerKeysAreFetchedOnlyFromHttpsOrLoopback(URI uri) {
    assertThatThrownBy(() -> new BrowserTokens(settings(SECRET, null, uri), false, clock))
        .isInstanceOf(RefusedSettingException.class);
  }

  private static String rsa(RSAKey key, String issuer) throws Exception {
    return rsa(key, key.getKeyID(), issuer);
  }

  private static String rsaAs(RSAKey key, String kid) throws Exception {
    return rsa(key, kid, "https://issuer");
  }

  private static String rsa(RSAKey key, String kid, String issuer) throws Exception {
    SignedJWT jwt =
        new SignedJWT(
            new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(kid).build(),
            new JWTClaimsSet.Builder()
                .issuer(issuer)
                .audience("heliograph")
                .subject("alice")
                .expirationTime(Date.from(Instant.ofEpochSecond(T + 86_400)))
                .build());
    jwt.sign(new RSASSASigner(key));
    return jwt.serialize();
  }

  private static String sign(String header, String claims) throws Exception {
    return sign(header, claims, SECRET.getBytes(StandardCharsets.UTF_8));
  }

  private static String sign(String header, String claims, byte[] secret) throws Exception {
    Base64.Encoder encoder = Base64.getUrlEncoder().withoutPadding();
    String input =
        encoder.encodeToString(header.getBytes(StandardCharsets.UTF_8))
            + "."
            + encoder.encodeToString(claims.getBytes(StandardCharsets.UTF_8));
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(secret, "HmacSHA256"));
    return input
        + "."
        + encoder.encodeToString(mac.doFinal(input.getBytes(StandardCharsets.UTF_8)));
  }
}

package io.heliograph.security;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.MACVerifier;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.heliograph.broker.BrokerMode;
import io.heliograph.message.Channel;
import io.heliograph.message.ChannelPattern;
import io.heliograph.message.Ids;
import io.heliograph.security.StrictJwt.RefusedException;
import io.heliograph.security.Verification.Reason;
import io.heliograph.settings.RefusedSettingException;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;
import org.springframework.util.unit.DataSize;
import tools.jackson.databind.JsonNode;

/**
 * Issues and verifies browser tokens. The algorithm decides which key is used: HS256 only this
 * service's own secret, the algorithms of {@link Signatures} only the configured issuer's keys.
 *
 * <p>{@code exp} (required) and {@code nbf} are checked with the configured clock skew, {@code aud}
 * must contain the configured audience. {@code iss} of other issuers' tokens must be the configured
 * issuer, if one is configured; tokens signed with the own secret may omit it. {@code "once": true}
 * with a {@code jti} makes a token valid for one use on all nodes. Verifying blocks while the
 * issuer's keys are fetched, and while Redis is asked for used tokens. Thread-safe.
 */
@Component
public class BrowserTokens {

  static final String OWN_ISSUER = "heliograph";

  /**
   * The maximum length of a token. It fits into a request's headers (16 KB) and into a client's
   * frame (8 KB), so that a token accepted in the handshake can be renewed on the open connection.
   */
  static final int MAX_LENGTH = 6 * 1024;

  /** The rest of a frame with a token: the request's id, a channel and a position. */
  private static final int FRAME_AROUND_TOKEN = 512;

  /** The end of the year 9999, so that times do not overflow. */
  private static final double MAX_TIME = 253_402_300_799d;

  private static final DataSize DEFAULT_FRAME = DataSize.ofKilobytes(8);
  private static final int MAX_JTI = 128;
  private static final String SECRET = "heliograph.security.tokens.secret";

  private final SecurityProperties.Tokens settings;
  private final Clock clock;
  private final byte[] secret;
  private final @Nullable IssuerKeys issuerKeys;
  private final UsedTokens used;
  private final int maxIssuedLength;

  @Autowired
  BrowserTokens(
      SecurityProperties properties, Environment environment, UsedTokens used, Clock clock) {
    this(
        properties.tokens(),
        BrokerMode.of(environment) == BrokerMode.REDIS,
        used,
        environment.getProperty("heliograph.websocket.max-frame", DataSize.class, DEFAULT_FRAME),
        clock);
  }

  BrowserTokens(SecurityProperties.Tokens settings, boolean cluster, Clock clock) {
    this(settings, cluster, new MemoryUsedTokens(clock), DEFAULT_FRAME, clock);
  }

  BrowserTokens(
      SecurityProperties.Tokens settings,
      boolean cluster,
      UsedTokens used,
      DataSize maxFrame,
      Clock clock) {
    this.maxIssuedLength = (int) Math.clamp(maxFrame.toBytes() - FRAME_AROUND_TOKEN, 0, MAX_LENGTH);
    this.settings = settings;
    this.used = used;
    this.clock = clock;
    if (settings.secret() != null) {
      secret =
          SecretStrength.requireStrong(SECRET, settings.secret()).getBytes(StandardCharsets.UTF_8);
    } else if (cluster) {
      throw new RefusedSettingException(
          SECRET,
          "is missing; with heliograph.broker=redis all nodes need the same secret, because a token"
              + " issued by one is verified by the others");
    } else {
      secret = new byte[32];
      new SecureRandom().nextBytes(secret);
    }
    issuerKeys =
        settings.issuer() == null && settings.jwksUri() == null
            ? null
            : new IssuerKeys(settings.issuer(), settings.jwksUri(), clock);
  }

  /** A token and its expiry. */
  public record Issued(String token, Instant expiresAt) {
    @Override
    public String toString() {
      return "Issued[expiresAt=" + expiresAt + "]";
    }
  }

  /**
   * Issues a token of this service.
   *
   * @param once whether it is valid for one session only
   * @throws IllegalArgumentException when the arguments make no valid {@link BrowserToken}
   */
  public Issued issue(
      @Nullable String user,
      Set<Channel> channels,
      Set<ChannelPattern> publish,
      boolean upload,
      Duration life,
      boolean once) {
    Instant now = clock.instant();
    Instant end = Instant.ofEpochSecond(now.plus(life).getEpochSecond());
    BrowserToken token = new BrowserToken(user, channels, publish, upload, end);
    JWTClaimsSet claims =
        new JWTClaimsSet.Builder()
            .issuer(OWN_ISSUER)
            .audience(settings.audience())
            .subject(token.user())
            .claim("channels", token.channels().stream().map(Channel::text).sorted().toList())
            .claim("publish", publish.isEmpty() ? null : texts(token.publish()))
            .claim("upload", upload ? true : null)
            .claim("once", once ? true : null)
            .jwtID(Ids.random128())
            .issueTime(Date.from(now))
            .expirationTime(Date.from(end))
            .build();
    try {
      SignedJWT jwt = new SignedJWT(new JWSHeader(JWSAlgorithm.HS256), claims);
      jwt.sign(new MACSigner(secret));
      String text = jwt.serialize();
      if (text.length() > maxIssuedLength) {
        throw new IllegalArgumentException(
            "the token would have %d characters, and at most %d fit into a client's frame: name fewer channels"
                .formatted(text.length(), maxIssuedLength));
      }
      return new Issued(text, end);
    } catch (JOSEException e) {
      throw new IllegalStateException(e);
    }
  }

  private static List<String> texts(Set<ChannelPattern> patterns) {
    return patterns.stream().map(ChannelPattern::text).sorted().toList();
  }

  /** Verifies a token. A one-use token is used up by this. */
  public Verification verify(String token) {
    return verify(token, false);
  }

  /** Verifies a token that the client presents repeatedly; refuses one-use tokens. */
  public Verification verifyReusable(String token) {
    return verify(token, true);
  }

  private Verification verify(String token, boolean repeatedly) {
    try {
      StrictJwt jwt = StrictJwt.parse(token);
      requireSignature(jwt);
      return new Verification.Accepted(read(jwt, repeatedly));
    } catch (RefusedException e) {
      return new Verification.Refused(e.reason);
    }
  }

  private void requireSignature(StrictJwt jwt) throws RefusedException {
    JsonNode iss = jwt.claims().get("iss");
    String issuer = iss != null && iss.isString() ? iss.stringValue() : null;
    if (jwt.algorithm().equals("HS256")) {
      if (!ownSignature(jwt)) {
        throw new RefusedException(Reason.SIGNATURE);
      }
      if (iss != null
          && !OWN_ISSUER.equals(issuer)
          && (issuer == null || !issuer.equals(settings.issuer()))) {
        throw new RefusedException(Reason.ISSUER);
      }
      return;
    }
    if (issuerKeys == null || !Signatures.ALGORITHMS.contains(jwt.algorithm())) {
      throw new RefusedException(Reason.ALGORITHM);
    }
    // Checked before the keys are fetched, so that a token of another issuer causes no request.
    if (settings.issuer() != null && !settings.issuer().equals(issuer)) {
      throw new RefusedException(Reason.ISSUER);
    }
    List<JWK> keys = issuerKeys.find(jwt.keyId());
    if (keys == null) {
      throw new RefusedException(Reason.KEYS_UNAVAILABLE);
    }
    if (keys.isEmpty()) {
      throw new RefusedException(Reason.UNKNOWN_KEY);
    }
    if (keys.stream().noneMatch(key -> Signatures.verify(jwt, key))) {
      throw new RefusedException(Reason.SIGNATURE);
    }
  }

  private boolean ownSignature(StrictJwt jwt) {
    try {
      return new MACVerifier(secret)
          .verify(new JWSHeader(JWSAlgorithm.HS256), jwt.signingInput(), jwt.signature());
    } catch (JOSEException e) {
      return false;
    }
  }

  private BrowserToken read(StrictJwt jwt, boolean repeatedly) throws RefusedException {
    JsonNode claims = jwt.claims();
    Instant now = clock.instant();
    Instant end = time(claims, "exp");
    if (end == null) {
      throw new RefusedException(Reason.NO_EXPIRY);
    }
    if (!end.plus(settings.clockSkew()).isAfter(now)) {
      throw new RefusedException(Reason.EXPIRED);
    }
    Instant begin = time(claims, "nbf");
    if ((begin == null && claims.has("nbf"))
        || (begin != null && begin.minus(settings.clockSkew()).isAfter(now))) {
      throw new RefusedException(Reason.NOT_YET_VALID);
    }
    if (!forUs(claims.get("aud"))) {
      throw new RefusedException(Reason.AUDIENCE);
    }
    String userClaim = jwt.algorithm().equals("HS256") ? "sub" : settings.userClaim();
    BrowserToken token = new BrowserTokenClaims(claims, userClaim).read(end);
    JsonNode once = claims.get("once");
    if (once != null && !once.isBoolean()) {
      throw new RefusedException(Reason.CLAIMS);
    }
    if (once != null && once.booleanValue()) {
      if (repeatedly) {
        throw new RefusedException(Reason.ONE_USE);
      }
      use(claims.path("jti").asString(""), end.plus(settings.clockSkew()));
    }
    return token;
  }

  private boolean forUs(@Nullable JsonNode audience) {
    if (audience == null) {
      return false;
    }
    Set<String> audiences = new HashSet<>();
    if (audience.isString()) {
      audiences.add(audience.stringValue());
    } else if (audience.isArray()) {
      audience.forEach(entry -> audiences.add(entry.asString("")));
    }
    return audiences.contains(settings.audience());
  }

  private void use(String id, Instant until) throws RefusedException {
    if (id.isEmpty() || id.length() > MAX_JTI) {
      throw new RefusedException(Reason.CLAIMS);
    }
    switch (used.use(id, until)) {
      case FIRST -> {}
      case AGAIN -> throw new RefusedException(Reason.USED);
      case UNKNOWN -> throw new RefusedException(Reason.USE_UNKNOWN);
    }
  }

  private static @Nullable Instant time(JsonNode claims, String name) {
    JsonNode value = claims.get(name);
    if (value == null || !value.isNumber()) {
      return null;
    }
    double seconds = value.doubleValue();
    return seconds >= 0 && seconds <= MAX_TIME
        ? Instant.ofEpochMilli((long) (seconds * 1000))
        : null;
  }
}

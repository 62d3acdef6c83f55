package io.heliograph.security;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;
import org.springframework.util.Assert;

/**
 * API keys and browser tokens. Secrets are not validated by annotations, whose messages would quote
 * the rejected value; {@link ApiKeys} and {@link BrowserTokens} refuse weak ones and name only the
 * setting.
 *
 * @param apiKey one key with all scopes; at least 32 random characters
 * @param apiKeys API keys with scopes
 * @param anonymous whether clients may connect without a token; they can subscribe only with tokens
 *     of single channels
 */
@ConfigurationProperties("heliograph.security")
public record SecurityProperties(
    @Nullable String apiKey,
    @DefaultValue List<Key> apiKeys,
    @DefaultValue("true") boolean anonymous,
    @DefaultValue Tokens tokens) {

  static final String MASKED = "***";

  /**
   * One API key.
   *
   * @param name its name in logs; default: its index in the list
   * @param key at least 32 random characters
   * @param scopes its rights; at least one
   */
  public record Key(@Nullable String name, @Nullable String key, @DefaultValue Set<Scope> scopes) {

    @Override
    public String toString() {
      return "Key[name=" + name + ", key=" + MASKED + ", scopes=" + scopes + "]";
    }
  }

  /**
   * Browser tokens.
   *
   * @param secret signs the tokens that this service issues; at least 32 random bytes; default:
   *     generated at start
   * @param issuer the iss of tokens of an identity provider; without jwksUri their keys are found
   *     by OpenID discovery
   * @param jwksUri address of the identity provider's public keys; https, or http to loopback
   * @param audience value that aud has to contain
   * @param clockSkew tolerated difference between the clocks of issuer and service
   * @param lifetime lifetime of a token when the caller sets no ttl
   * @param maxLifetime the longest ttl that a caller can set
   * @param userClaim the claim that names the user in tokens of an identity provider; own tokens
   *     use sub
   * @param refusedPerAddress refused tokens per minute and address that are answered with a reason;
   *     more are answered with 429
   */
  public record Tokens(
      @Nullable String secret,
      @Nullable String issuer,
      @Nullable URI jwksUri,
      @DefaultValue("heliograph") String audience,
      @DefaultValue("30s") Duration clockSkew,
      @DefaultValue("10m") Duration lifetime,
      @DefaultValue("24h") Duration maxLifetime,
      @DefaultValue("sub") String userClaim,
      @DefaultValue("100") int refusedPerAddress) {

    public Tokens {
      Assert.isTrue(
          !userClaim.isBlank(),
          "heliograph.security.tokens.user-claim must be a claim's name, such as sub");
      Assert.isTrue(
          refusedPerAddress > 0,
          "heliograph.security.tokens.refused-per-address must be 1 or more, but is "
              + refusedPerAddress);
    }

    @Override
    public String toString() {
      return "Tokens[secret=%s, issuer=%s, jwksUri=%s, audience=%s, clockSkew=%s, lifetime=%s, maxLifetime=%s, userClaim=%s, refusedPerAddress=%s]"
          .formatted(
              secret == null ? null : MASKED,
              issuer,
              jwksUri,
              audience,
              clockSkew,
              lifetime,
              maxLifetime,
              userClaim,
              refusedPerAddress);
    }
  }

  @Override
  public String toString() {
    return "SecurityProperties[apiKey=%s, apiKeys=%s, anonymous=%s, tokens=%s]"
        .formatted(apiKey == null ? null : MASKED, apiKeys, anonymous, tokens);
  }
}

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
 * Who may call and connect. Not checked by annotations, whose messages would quote the rejected
 * value: {@link ApiKeys} and {@link BrowserTokens} refuse weak secrets by the setting's name.
 *
 * @param apiKey one key with all scopes; at least 32 random characters
 * @param apiKeys keys with scopes of their own
 * @param anonymous whether a browser may connect without a token; it can follow only what a
 *     capability names
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
   * @param name what logs call it; by default its place in the list
   * @param key at least 32 random characters
   * @param scopes what it may do; at least one
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
   * @param secret signs the tokens that this service makes; at least 32 random bytes; by default
   *     made at start
   * @param issuer the iss of tokens from elsewhere; without jwksUri their keys are found through
   *     its OpenID configuration
   * @param jwksUri where the public keys of tokens from elsewhere are; https, or http to loopback
   * @param audience what aud has to contain
   * @param clockSkew how far the clocks of issuer and service may be apart
   * @param lifetime how long a token of this service lives when the caller does not say
   * @param maxLifetime the longest that a caller can ask for
   * @param userClaim the claim that names the user in tokens of another issuer; own tokens have sub
   * @param refusedPerAddress refused tokens of one address a minute that are answered with their
   *     reason; more are answered with 429
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

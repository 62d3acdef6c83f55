package io.heliograph.security;

import com.nimbusds.jose.util.Base64URL;
import io.heliograph.security.Verification.Reason;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * A parsed compact JWS (RFC 7515) whose signature is not verified yet. Duplicate claims are
 * refused, because parsers differ in which of the two they use.
 */
record StrictJwt(JsonNode header, JsonNode claims, byte[] signingInput, Base64URL signature) {

  /**
   * Headers by which a token would choose its own key, or would require extensions that are not
   * supported.
   */
  private static final Set<String> REFUSED_HEADERS =
      Set.of("jku", "jwk", "x5u", "x5c", "x5t", "x5t#S256", "crit", "b64", "zip", "enc");

  private static final Set<String> TYPES =
      Set.of("jwt", "at+jwt", "application/at+jwt", "heliograph+jwt");

  private static final JsonMapper STRICT =
      JsonMapper.builder(
              JsonFactory.builder()
                  .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
                  .streamReadConstraints(
                      StreamReadConstraints.defaults()
                          .rebuild()
                          .maxNestingDepth(8)
                          .maxNumberLength(32)
                          .build())
                  .build())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  static class RefusedException extends Exception {
    final transient Reason reason;

    RefusedException(Reason reason) {
      super(reason.tag(), null, false, false);
      this.reason = reason;
    }
  }

  static StrictJwt parse(String token) throws RefusedException {
    String[] parts =
        token.length() > BrowserTokens.MAX_LENGTH ? new String[0] : token.split("\\.", -1);
    if (parts.length != 3) {
      throw new RefusedException(Reason.MALFORMED);
    }
    StrictJwt jwt =
        new StrictJwt(
            object(parts[0]),
            object(parts[1]),
            (parts[0] + '.' + parts[1]).getBytes(StandardCharsets.US_ASCII),
            new Base64URL(parts[2]));
    decode(parts[2]);
    jwt.requireOrdinaryHeader();
    return jwt;
  }

  private void requireOrdinaryHeader() throws RefusedException {
    if (REFUSED_HEADERS.stream().anyMatch(header::has)) {
      throw new RefusedException(Reason.ALGORITHM);
    }
    JsonNode typ = header.get("typ");
    boolean typed =
        typ == null
            || (typ.isString()
                && TYPES.contains(typ.stringValue().toLowerCase(java.util.Locale.ROOT)));
    // An ID token proves a login to its own client; it is not an access token.
    boolean idToken = claims.has("nonce") || claims.has("at_hash") || claims.has("c_hash");
    String payloadType = claims.path("typ").asString("");
    if (!typed || idToken || payloadType.equals("ID") || payloadType.equals("Refresh")) {
      throw new RefusedException(Reason.TYPE);
    }
  }

  String algorithm() {
    JsonNode alg = header.get("alg");
    return alg != null && alg.isString() ? alg.stringValue() : "none";
  }

  /** Used only to look up a key in the fetched set. */
  @Nullable String keyId() {
    JsonNode kid = header.get("kid");
    return kid != null && kid.isString() ? kid.stringValue() : null;
  }

  private static JsonNode object(String part) throws RefusedException {
    try {
      JsonNode node = STRICT.readTree(decode(part));
      if (node.isObject()) {
        return node;
      }
    } catch (JacksonException e) {
      // Reported as malformed, because the parser's message would quote the token.
    }
    throw new RefusedException(Reason.MALFORMED);
  }

  private static byte[] decode(String part) throws RefusedException {
    try {
      return Base64.getUrlDecoder().decode(part);
    } catch (IllegalArgumentException e) {
      throw new RefusedException(Reason.MALFORMED);
    }
  }
}

package io.heliograph.security;

import io.heliograph.message.Channel;
import io.heliograph.security.StrictJwt.RefusedException;
import io.heliograph.security.Verification.Reason;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import tools.jackson.databind.JsonNode;

/**
 * Reads user and {@code channels} of a token whose signature was good.
 *
 * @param userClaim which claim names the user, as a rule {@code sub}
 */
record BrowserTokenClaims(JsonNode claims, String userClaim) {

  BrowserToken read(Instant end) throws RefusedException {
    JsonNode sub = claims.get(userClaim);
    JsonNode names = claims.get("channels");
    if ((sub != null && !sub.isString())
        || (names != null && (!names.isArray() || names.size() > BrowserToken.MAX_CHANNELS))) {
      throw new RefusedException(Reason.CLAIMS);
    }
    try {
      Set<Channel> channels = new HashSet<>();
      if (names != null) {
        for (JsonNode name : names) {
          channels.add(Channel.parse(name.isString() ? name.stringValue() : ""));
        }
      }
      return new BrowserToken(sub == null ? null : sub.stringValue(), channels, end);
    } catch (IllegalArgumentException e) {
      throw new RefusedException(Reason.CLAIMS);
    }
  }
}

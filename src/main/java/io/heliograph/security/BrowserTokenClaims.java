package io.heliograph.security;

import io.heliograph.message.Channel;
import io.heliograph.message.ChannelPattern;
import io.heliograph.security.StrictJwt.RefusedException;
import io.heliograph.security.Verification.Reason;
import java.time.Instant;
import java.util.HashSet;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.JsonNode;

/**
 * Reads user, {@code channels}, {@code publish} and {@code upload} of a token whose signature is
 * valid.
 *
 * @param userClaim the claim that names the user, usually {@code sub}
 */
record BrowserTokenClaims(JsonNode claims, String userClaim) {

  BrowserToken read(Instant end) throws RefusedException {
    JsonNode sub = claims.get(userClaim);
    JsonNode upload = claims.get("upload");
    if ((sub != null && !sub.isString()) || (upload != null && !upload.isBoolean())) {
      throw new RefusedException(Reason.CLAIMS);
    }
    try {
      return new BrowserToken(
          sub == null ? null : sub.stringValue(),
          names(claims.get("channels"), Channel::parse),
          names(claims.get("publish"), ChannelPattern::new),
          upload != null && upload.booleanValue(),
          end);
    } catch (IllegalArgumentException e) {
      throw new RefusedException(Reason.CLAIMS);
    }
  }

  private static <T> Set<T> names(@Nullable JsonNode list, Function<String, T> parse) {
    if (list == null) {
      return Set.of();
    }
    if (!list.isArray() || list.size() > BrowserToken.MAX_CHANNELS) {
      throw new IllegalArgumentException(
          "not an array of at most " + BrowserToken.MAX_CHANNELS + " channels");
    }
    Set<T> names = new HashSet<>();
    for (JsonNode name : list) {
      names.add(parse.apply(name.isString() ? name.stringValue() : ""));
    }
    return names;
  }
}

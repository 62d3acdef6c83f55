package io.heliograph.client;

import io.heliograph.web.ClientAddress;
import io.heliograph.web.OriginPolicy;
import org.jspecify.annotations.Nullable;

/**
 * What a client shows of itself when it asks to come in, on whatever transport.
 *
 * @param origin what its Host and Origin headers say
 * @param token a browser token or API key, as it came; null: none
 */
public record Caller(ClientAddress address, OriginPolicy.Verdict origin, @Nullable String token) {

  @Override
  public String toString() {
    return "Caller[" + address + ", " + origin + (token == null ? "]" : ", token]");
  }
}

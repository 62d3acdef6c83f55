package io.heliograph.websocket;

import io.heliograph.hub.Capabilities;
import io.heliograph.message.Channel;
import io.heliograph.security.BrowserTokens;
import io.heliograph.security.Verification;
import io.heliograph.session.ServerFrame.Problem;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * A browser token that names a channel is the right to follow it, whoever shows it, until it
 * expires.
 */
@Component
final class TokenCapabilities implements Capabilities {

  private final BrowserTokens tokens;

  TokenCapabilities(BrowserTokens tokens) {
    this.tokens = tokens;
  }

  /** Somebody else's session is followed by nobody, and a login with its watch token. */
  @Override
  public boolean decides(Channel channel) {
    return channel instanceof Channel.Topic || channel instanceof Channel.User;
  }

  @Override
  public Decision decide(Channel channel, @Nullable String token) {
    if (token == null) {
      return refused("a token that names the channel is missing");
    }
    if (tokens.verify(token) instanceof Verification.Accepted(var accepted)
        && accepted.channels().contains(channel)) {
      return Granted.until(accepted.expiresAt());
    }
    return refused("the token is not valid, or does not name the channel");
  }

  private static Refused refused(String detail) {
    return new Refused(Problem.of("forbidden", "Not yours to follow", 403, detail));
  }
}

package io.heliograph.protocol.v1;

import io.heliograph.hub.ChannelAuthorizer;
import io.heliograph.message.Channel;
import io.heliograph.security.BrowserTokens;
import io.heliograph.security.Verification;
import io.heliograph.session.ServerEvent.Problem;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * A browser token that names a channel is the right to follow it, whoever shows it, until it
 * expires.
 */
@Component
final class TokenChannelAuthorizer implements ChannelAuthorizer {

  private final BrowserTokens tokens;

  TokenChannelAuthorizer(BrowserTokens tokens) {
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

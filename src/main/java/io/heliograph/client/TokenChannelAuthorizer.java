package io.heliograph.client;

import io.heliograph.hub.ChannelRight;
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
    return switch (tokens.verify(token)) {
      case Verification.Accepted(var accepted) when accepted.channels().contains(channel) ->
          new Granted(ChannelRight.until(accepted.expiresAt()));
      case Verification.Accepted _ -> refused("the token does not name " + channel.text());
      case Verification.Refused(var reason) when reason.mayBeGoodLater() ->
          new Refused(
              Problem.of(
                  "unavailable",
                  "Not available at the moment",
                  503,
                  "ask again: " + reason.text()));
      case Verification.Refused(var reason) -> refused("the token was refused: " + reason.text());
    };
  }

  private static Refused refused(String detail) {
    return new Refused(Problem.of("forbidden", "Not yours to follow", 403, detail));
  }
}

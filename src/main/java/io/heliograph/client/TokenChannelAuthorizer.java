package io.heliograph.client;

import io.heliograph.hub.ChannelRight;
import io.heliograph.message.Channel;
import io.heliograph.problem.ProblemType;
import io.heliograph.security.BrowserTokens;
import io.heliograph.security.Verification;
import io.heliograph.session.ServerEvent.Problem;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/**
 * A browser token that names a channel is the right to follow it until it expires, for any session
 * that presents it.
 */
@Component
final class TokenChannelAuthorizer implements ChannelAuthorizer {

  private final BrowserTokens tokens;

  TokenChannelAuthorizer(BrowserTokens tokens) {
    this.tokens = tokens;
  }

  /** Session channels belong to their session only; logins are followed with a watch token. */
  @Override
  public boolean decides(Channel channel) {
    return channel instanceof Channel.Topic || channel instanceof Channel.User;
  }

  @Override
  public Decision decide(Channel channel, @Nullable String token) {
    if (token == null) {
      return refused(channel.text() + ": a browser token with this channel is missing");
    }
    return switch (tokens.verify(token)) {
      case Verification.Accepted(var accepted) when accepted.channels().contains(channel) ->
          new Granted(ChannelRight.until(accepted.expiresAt()));
      case Verification.Accepted _ ->
          refused(channel.text() + ": the token does not name this channel");
      case Verification.Refused(var reason) when reason.mayBeGoodLater() ->
          new Refused(
              Problem.of(
                  ProblemType.UNAVAILABLE, "The token cannot be checked now: " + reason.text()));
      case Verification.Refused(var reason) ->
          refused(channel.text() + ": the token was refused: " + reason.text());
    };
  }

  private static Refused refused(String detail) {
    return new Refused(Problem.of(ProblemType.FORBIDDEN, detail));
  }
}

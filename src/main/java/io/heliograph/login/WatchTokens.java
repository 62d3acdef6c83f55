package io.heliograph.login;

import io.heliograph.hub.Capabilities;
import io.heliograph.message.Channel;
import io.heliograph.session.ServerFrame.Problem;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * A login's watch token is the right to follow it. An unknown ticket and a wrong token get the same
 * answer.
 */
final class WatchTokens implements Capabilities {

  private static final Problem REFUSAL =
      Problem.of("forbidden", "Not yours to follow", 403, "the login needs its watch token");

  private final LoginService service;
  private final JsonMapper json;

  WatchTokens(LoginService service, JsonMapper json) {
    this.service = service;
    this.json = json;
  }

  @Override
  public boolean decides(Channel channel) {
    return channel instanceof Channel.Login;
  }

  @Override
  public Decision decide(Channel channel, @Nullable String token) {
    String ticket = ((Channel.Login) channel).id();
    if (service.snapshot(ticket, token).isEmpty()) {
      return new Refused(REFUSAL);
    }
    return new Granted(
        null, () -> service.snapshot(ticket, token).map(json::writeValueAsString).orElse(null));
  }
}

package io.heliograph.login;

import io.heliograph.client.ChannelAuthorizer;
import io.heliograph.hub.ChannelRight;
import io.heliograph.message.Channel;
import io.heliograph.problem.ProblemType;
import io.heliograph.session.ServerEvent.Problem;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * A login's watch token is the right to follow it. An unknown ticket and a wrong token get the same
 * answer.
 */
final class LoginChannelAuthorizer implements ChannelAuthorizer {

  private static final Problem REFUSAL =
      Problem.of(
          ProblemType.FORBIDDEN, "The ticket is unknown, or the token is not its watch token");

  private static final Problem UNKNOWN =
      Problem.of(ProblemType.STORE_UNAVAILABLE, "The login cannot be read now; subscribe again");

  private final PhoneLogins service;
  private final JsonMapper json;
  private final Executor apart;

  /**
   * @param apart whose threads may block
   */
  LoginChannelAuthorizer(PhoneLogins service, JsonMapper json, Executor apart) {
    this.service = service;
    this.json = json;
    this.apart = apart;
  }

  @Override
  public boolean decides(Channel channel) {
    return channel instanceof Channel.Login;
  }

  @Override
  public Decision decide(Channel channel, @Nullable String token) {
    String ticket = ((Channel.Login) channel).id();
    try {
      if (service.snapshot(ticket, token).isEmpty()) {
        return new Refused(REFUSAL);
      }
    } catch (TicketStoreUnavailableException e) {
      return new Refused(UNKNOWN);
    }
    // The store may block, and the broker's own thread may be the one that asks.
    return new Granted(
        new ChannelRight(
            null,
            () ->
                CompletableFuture.supplyAsync(
                    () ->
                        service.snapshot(ticket, token).map(json::writeValueAsString).orElse(null),
                    apart)));
  }
}

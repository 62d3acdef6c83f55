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
 * Authorizes subscriptions to {@code login:<ticket>} by the watch token of the ticket. An unknown
 * ticket and a wrong token get the same answer.
 */
final class LoginChannelAuthorizer implements ChannelAuthorizer {

  private static final Problem REFUSAL =
      Problem.of(
          ProblemType.FORBIDDEN, "The ticket is unknown, or the token is not its watch token");

  private static final Problem UNKNOWN =
      Problem.of(ProblemType.STORE_UNAVAILABLE, "The login cannot be read now; subscribe again");

  private final PhoneLogins service;
  private final JsonMapper json;
  private final Executor executor;

  /**
   * @param executor runs the reads of the store, which may block
   */
  LoginChannelAuthorizer(PhoneLogins service, JsonMapper json, Executor executor) {
    this.service = service;
    this.json = json;
    this.executor = executor;
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
    // The store may block, and this may run on the broker's own thread.
    return new Granted(
        new ChannelRight(
            null,
            () ->
                CompletableFuture.supplyAsync(
                    () ->
                        service.snapshot(ticket, token).map(json::writeValueAsString).orElse(null),
                    executor)));
  }
}

package io.heliograph.client;

import io.heliograph.message.Channel;
import io.heliograph.publish.PublishRequest;
import io.heliograph.session.Identity;
import io.heliograph.session.ServerEvent.Problem;
import java.util.concurrent.CompletableFuture;

/**
 * Has the last word on a message that a client publishes, after its right, its rate and its content
 * were found good.
 */
public interface PublishAuthorizer {

  /**
   * A message that a client wants to publish.
   *
   * @param id of the message, if it is published
   * @param session the id of the session that it comes from
   */
  record Publication(
      String id, String session, Identity identity, Channel channel, PublishRequest message) {}

  sealed interface Decision {}

  /**
   * @param message with other data, perhaps
   */
  record Allowed(PublishRequest message) implements Decision {}

  record Refused(Problem problem) implements Decision {}

  /**
   * Never blocks.
   *
   * @return fails only for what is a fault of this service
   */
  CompletableFuture<Decision> decide(Publication publication);
}

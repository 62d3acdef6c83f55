package io.heliograph.login;

import io.heliograph.concurrent.Background;
import io.heliograph.hub.Publisher;
import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.Ids;
import java.time.Clock;
import java.time.Instant;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/** Publishes the transitions of logins to their subscribers on all nodes. */
public class LoginStatePublisher {

  private static final Logger log = LoggerFactory.getLogger(LoginStatePublisher.class);
  private static final String EVENT = "login.state";

  private final Publisher publisher;
  private final JsonMapper json;
  private final Clock clock;

  LoginStatePublisher(Publisher publisher, JsonMapper json, Clock clock) {
    this.publisher = publisher;
    this.json = json;
    this.clock = clock;
  }

  /**
   * Publishes a transition. A lost message only delays the subscriber until its next read. Does not
   * block. Called in the order of versions.
   *
   * @param stateJson a {@link LoginSnapshot} as compact JSON, for the event {@code login.state}
   */
  void announce(String ticket, String stateJson) {
    // The store holds the state; a session that missed the message reads it in a snapshot or poll.
    Background.onFailure(
        "Publishing a login's state",
        publisher.publish(new Channel.Login(ticket), draft(stateJson, clock.instant())),
        failure ->
            log.warn(
                "Cannot publish the new state of a login: {}", failure.getClass().getSimpleName()));
  }

  /** The same message for a single session. */
  Draft draft(LoginSnapshot state) {
    return draft(json.writeValueAsString(state), clock.instant());
  }

  /** The key lets a recovering session read only the newest state: versions never decrease. */
  public static Draft draft(String stateJson, Instant now) {
    return new Draft(Ids.v7(now), EVENT, stateJson, now, null, "state", null);
  }
}

package io.heliograph.login;

import io.heliograph.concurrent.Background;
import io.heliograph.hub.Hub;
import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.Ids;
import io.heliograph.session.StateVersion;
import java.time.Clock;
import java.time.Instant;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Publishes the transitions of logins to their subscribers on all nodes. */
public class LoginStatePublisher {

  private static final Logger log = LoggerFactory.getLogger(LoginStatePublisher.class);
  private static final String EVENT = "login.state";

  private final Hub hub;
  private final JsonMapper json;
  private final Clock clock;

  LoginStatePublisher(Hub hub, JsonMapper json, Clock clock) {
    this.hub = hub;
    this.json = json;
    this.clock = clock;
    hub.readLoginStates(this::mark);
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
        hub.push(new Channel.Login(ticket), draft(stateJson, clock.instant())),
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

  /** The version in a state's JSON; null for other messages on a login's channel. */
  private @Nullable StateVersion mark(String text) {
    JsonNode state = json.readTree(text);
    JsonNode version = state.path("version");
    return version.isIntegralNumber() && state.path("state").isString()
        ? new StateVersion(version.asLong(), state.path("final").asBoolean(false))
        : null;
  }
}

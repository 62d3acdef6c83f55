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

/** Sends a login's transitions to the browsers that follow it, on whichever node they are. */
final class LoginStatePublisher implements LoginAnnouncer {

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

  @Override
  public void announce(String ticket, String stateJson) {
    // The state is true already; who missed the hint will see it in a snapshot or poll.
    Background.onFailure(
        "Publishing a login's state",
        hub.push(new Channel.Login(ticket), draft(stateJson, clock.instant())),
        failure ->
            log.warn(
                "A login's transition could not be pushed: {}",
                failure.getClass().getSimpleName()));
  }

  /** As a push would say it. */
  Draft draft(LoginSnapshot state) {
    return draft(json.writeValueAsString(state), clock.instant());
  }

  /** A key, so that whoever catches up reads the newest state alone: versions never go back. */
  static Draft draft(String stateJson, Instant now) {
    return new Draft(Ids.v7(now), EVENT, stateJson, now, null, "state", null);
  }

  /** Null for what else is pushed to whoever follows a login. */
  private @Nullable StateVersion mark(String text) {
    JsonNode state = json.readTree(text);
    JsonNode version = state.path("version");
    return version.isIntegralNumber() && state.path("state").isString()
        ? new StateVersion(version.asLong(), state.path("final").asBoolean(false))
        : null;
  }
}

package io.heliograph.callback;

import io.heliograph.login.LoginOutcome;
import io.heliograph.login.LoginProperties;
import io.heliograph.login.PhoneLogins;
import io.heliograph.login.TicketState;
import java.net.URI;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Brings what a proved callback says to the ticket. */
@Component
final class TicketCallbacks implements LoginCallbacks {

  private final PhoneLogins logins;
  private final @Nullable URI base;

  TicketCallbacks(PhoneLogins logins, LoginProperties properties) {
    this.logins = logins;
    this.base = properties.publicBaseUrl();
  }

  @Override
  public Outcome scanned(Event event) {
    return outcome(
        event,
        logins.scanned(
            event.ticket(), subject(event), event.unionId(), event.provider(), event.reference()));
  }

  @Override
  public Outcome confirmed(Event event) {
    return outcome(
        event,
        logins.confirmed(
            event.ticket(), subject(event), event.unionId(), event.provider(), event.matchCode()));
  }

  @Override
  public Outcome denied(Event event) {
    return outcome(event, logins.denied(event.ticket(), event.subject(), event.provider()));
  }

  private static String subject(Event event) {
    return Objects.requireNonNull(event.subject(), "only who refused may be unknown");
  }

  private Outcome outcome(Event event, LoginOutcome outcome) {
    return switch (outcome) {
      case LoginOutcome.Done(TicketState state, _, @Nullable String phoneToken) ->
          new Outcome.Done(state == TicketState.SCANNED ? link(event.ticket(), phoneToken) : null);
      case LoginOutcome.Refused(var why, @Nullable TicketState state, _) ->
          new Outcome.Refused(why.problem(), state == null ? null : state.name());
    };
  }

  /** The token is in the fragment: no server, log or referrer sees it. */
  private @Nullable String link(String ticket, @Nullable String phoneToken) {
    return base == null || phoneToken == null
        ? null
        : base.toString().replaceFirst("/$", "") + "/l/" + ticket + "#k=" + phoneToken;
  }
}

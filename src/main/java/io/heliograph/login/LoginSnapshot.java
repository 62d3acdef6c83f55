package io.heliograph.login;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The state of a login as the browser receives it: in a message, a snapshot or a poll. It contains
 * no user, code or secret, because others may subscribe as well.
 *
 * @param expiresAt when the present state expires
 * @param serverTime the server's time, the base of a countdown
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
public record LoginSnapshot(
    String ticket,
    TicketState state,
    int version,
    Instant at,
    Instant expiresAt,
    Instant serverTime,
    @JsonProperty("final") boolean last,
    @Nullable String reason) {

  public static LoginSnapshot of(Ticket ticket, Instant now) {
    EndReason reason = ticket.reason();
    return new LoginSnapshot(
        ticket.id(),
        ticket.state(),
        ticket.version(),
        ticket.changedAt(),
        ticket.deadline(),
        now,
        ticket.state().isFinal(),
        reason == null ? null : reason.tag());
  }
}

package io.heliograph.login;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * All that a waiting browser is told of its login: in a push, in a snapshot, in a poll. It holds no
 * user, no code and no secret, because a push may be seen by others.
 *
 * @param expiresAt when the present state lapses
 * @param serverTime what a countdown counts by
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

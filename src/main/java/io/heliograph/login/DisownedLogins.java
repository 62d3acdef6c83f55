package io.heliograph.login;

import io.heliograph.login.GrantStore.Revocation;
import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.Ids;
import io.heliograph.message.Published;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Clock;
import java.time.Instant;
import java.util.concurrent.CompletableFuture;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Reports logins that their users disown: in the log, in a metric, and in a message to the site's
 * backend, which is the only party that can end the session.
 */
final class DisownedLogins {

  private static final Logger log = LoggerFactory.getLogger(DisownedLogins.class);

  /** Backends subscribe to it or read its log. Clients need a token that names it. */
  static final Channel CHANNEL = new Channel.Topic("login-reports");

  private static final String EVENT = "login.reported";

  private final BiFunction<Channel, Draft, CompletableFuture<Published>> push;
  private final JsonMapper json;
  private final Clock clock;
  private final Counter late;
  private final Counter inTime;

  DisownedLogins(
      BiFunction<Channel, Draft, CompletableFuture<Published>> push,
      JsonMapper json,
      Clock clock,
      MeterRegistry meters) {
    this.push = push;
    this.json = json;
    this.clock = clock;
    this.late = counter(meters, true);
    this.inTime = counter(meters, false);
  }

  private static Counter counter(MeterRegistry meters, boolean redeemed) {
    return Counter.builder("heliograph.logins.reported")
        .description("Logins that their users disowned")
        .tag("redeemed", Boolean.toString(redeemed))
        .register(meters);
  }

  /**
   * The data of the message. It does not contain the user: the backend knows which user it logged
   * in with the ticket.
   *
   * @param redeemed whether the site may have created a session from the grant
   */
  private record Reported(String ticket, String provider, Instant reportedAt, boolean redeemed) {}

  /**
   * @param revocation the result of revoking the grant; null when there was none
   */
  void reported(Ticket ticket, @Nullable Revocation revocation) {
    boolean redeemed = revocation == Revocation.WAS_REDEEMED;
    log.warn(
        "security: the user disowned {}; {}",
        ticket,
        redeemed ? "its grant was redeemed, so a session may exist" : "its grant was not redeemed");
    (redeemed ? late : inTime).increment();
    Instant now = clock.instant();
    String data =
        json.writeValueAsString(
            new Reported(ticket.id(), ticket.terms().provider(), now, redeemed));
    // Published once, however often the user taps.
    Draft draft = new Draft(Ids.v7(now), EVENT, data, now, null, null, "report:" + ticket.id());
    var _ =
        push.apply(CHANNEL, draft)
            .exceptionally(
                failure -> {
                  log.error(
                      "security: the report of {} could not be published to topic:login-reports:"
                          + " {}",
                      ticket,
                      failure.getClass().getSimpleName());
                  return null;
                });
  }
}

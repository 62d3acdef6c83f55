package io.heliograph.callback;

import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.TraceParent;
import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Does what a proved callback says: moves a login, or pushes a message. */
@Component
final class CallbackDispatcher {

  /** The sources speak for the site's own app; other providers have an endpoint of their own. */
  private static final String PROVIDER = "app";

  private static final Pattern SUBJECT = Pattern.compile("[^\\p{Cntrl}]{1,128}");
  private static final Duration BUSY = Duration.ofSeconds(1);

  private final LoginCallbacks logins;
  private final PushCallbacks pushes;

  CallbackDispatcher(LoginCallbacks logins, PushCallbacks pushes) {
    this.logins = logins;
    this.pushes = pushes;
  }

  /**
   * Done by the time that the action runs; made before the id is claimed, so that nonsense claims
   * nothing.
   */
  interface Action {
    void run(String dedupeId);
  }

  Action of(CallbackSource source, CallbackEvent event, @Nullable TraceParent trace) {
    EventType type = EventType.of(event.type());
    if (type == null || !source.maySay(type)) {
      throw new ProblemException(
          ProblemType.UNSUPPORTED_EVENT,
          "This source may not send events of this type, or there is none.");
    }
    JsonNode data = event.data();
    return switch (type) {
      case LOGIN_SCANNED -> {
        LoginCallbacks.Event login = login(data, true);
        yield _ -> require(logins.scanned(login));
      }
      case LOGIN_CONFIRMED -> {
        LoginCallbacks.Event login = login(data, true);
        yield _ -> require(logins.confirmed(login));
      }
      case LOGIN_DENIED -> {
        LoginCallbacks.Event login = login(data, false);
        yield _ -> require(logins.denied(login));
      }
      case MESSAGE_PUSH -> push(source, data, trace);
    };
  }

  private static LoginCallbacks.Event login(JsonNode data, boolean subjectNeeded) {
    String ticket = text(data, "ticket");
    if (ticket == null) {
      throw ProblemException.invalid("/data/ticket", "is missing or no text");
    }
    if (!Channel.RANDOM_ID.matcher(ticket).matches()) {
      throw new ProblemException(ProblemType.TICKET_NOT_FOUND, "There is no such ticket.");
    }
    String subject = text(data, "subject");
    if (subject == null ? subjectNeeded : !SUBJECT.matcher(subject).matches()) {
      throw ProblemException.invalid("/data/subject", "is 1 to 128 characters");
    }
    JsonNode code = data.path("matchCode");
    return new LoginCallbacks.Event(
        ticket, subject, null, PROVIDER, null, code.canConvertToInt() ? code.asInt() : null);
  }

  private static void require(LoginCallbacks.Outcome outcome) {
    if (outcome
        instanceof LoginCallbacks.Outcome.Refused(ProblemType why, @Nullable String state)) {
      ProblemException problem = new ProblemException(why, why.description());
      if (state != null) {
        problem.with("state", state);
      }
      throw why.status() == 429 || why.status() == 503 ? problem.retryAfter(BUSY) : problem;
    }
  }

  private Action push(CallbackSource source, JsonNode data, @Nullable TraceParent trace) {
    Channel channel = channel(data);
    if (!source.mayPushTo(channel)) {
      throw new ProblemException(
          ProblemType.FORBIDDEN, "This source may not push to this channel.");
    }
    String event = text(data, "event");
    if (event == null || !Draft.EVENT.matcher(event).matches()) {
      throw ProblemException.invalid("/data/event", "is 1 to 64 characters of A-Z a-z 0-9 . _ : -");
    }
    String key = text(data, "key");
    if (key == null ? data.hasNonNull("key") : !Draft.KEY.matcher(key).matches()) {
      throw ProblemException.invalid(
          "/data/key", "is 1 to 128 characters of A-Z a-z 0-9 . _ ~ @ + = : , -");
    }
    JsonNode message = data.get("data");
    if (message == null) {
      throw ProblemException.invalid("/data/data", "is missing");
    }
    String json = message.toString();
    Duration ttl = ttl(data.path("ttl"));
    return dedupeId -> pushes.push(channel, event, json, ttl, key, trace, dedupeId);
  }

  private static Channel channel(JsonNode data) {
    String text = text(data, "channel");
    try {
      return Channel.parse(text == null ? "" : text);
    } catch (IllegalArgumentException e) {
      throw ProblemException.invalid("/data/channel", String.valueOf(e.getMessage()));
    }
  }

  /** Seconds, or a text such as {@code 30s} or {@code PT30S}. */
  private static @Nullable Duration ttl(JsonNode ttl) {
    if (ttl.isMissingNode() || ttl.isNull()) {
      return null;
    }
    try {
      Duration duration =
          ttl.isIntegralNumber() && ttl.canConvertToInt()
              ? Duration.ofSeconds(ttl.asInt())
              : DurationStyle.detectAndParse(ttl.isString() ? ttl.asString() : "");
      if (duration.isPositive()) {
        return duration;
      }
    } catch (IllegalArgumentException | ArithmeticException e) {
      // Said below.
    }
    throw ProblemException.invalid(
        "/data/ttl", "is a number of seconds above 0, or a text such as 30s");
  }

  private static @Nullable String text(JsonNode data, String field) {
    JsonNode value = data.path(field);
    return value.isString() ? value.asString() : null;
  }
}

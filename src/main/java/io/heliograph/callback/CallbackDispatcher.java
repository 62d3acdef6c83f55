package io.heliograph.callback;

import io.heliograph.message.Channel;
import io.heliograph.message.TraceParent;
import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import io.heliograph.publish.Drafts;
import io.heliograph.publish.PublishRequest;
import io.heliograph.publish.RawJson;
import java.time.Duration;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
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
  private final Drafts drafts;

  CallbackDispatcher(LoginCallbacks logins, PushCallbacks pushes, Drafts drafts) {
    this.logins = logins;
    this.pushes = pushes;
    this.drafts = drafts;
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
    String data = event.data();
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

  private static LoginCallbacks.Event login(String json, boolean subjectNeeded) {
    JsonNode data;
    try {
      data = RawJson.value(json);
    } catch (JacksonException e) {
      throw PublishRequest.refusal(e, "/data");
    }
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

  private Action push(CallbackSource source, String data, @Nullable TraceParent trace) {
    PublishRequest message;
    Channel channel;
    try {
      message = PublishRequest.read(data, PublishRequest.Form.CALLBACK);
      channel = PublishRequest.channel("/channel", message.channel());
    } catch (ProblemException e) {
      throw e.within("/data");
    }
    if (!source.mayPushTo(channel)) {
      throw new ProblemException(
          ProblemType.FORBIDDEN, "This source may not push to this channel.");
    }
    return dedupeId -> pushes.push(channel, drafts.of(message, dedupeId, trace));
  }

  private static @Nullable String text(JsonNode data, String field) {
    JsonNode value = data.path(field);
    return value.isString() ? value.asString() : null;
  }
}

package io.heliograph.callback;

import io.heliograph.hub.Publisher;
import io.heliograph.login.LoginOutcome;
import io.heliograph.login.LoginProblems;
import io.heliograph.login.PhoneLogins;
import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.TraceParent;
import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import io.heliograph.publish.Drafts;
import io.heliograph.publish.PublishRequest;
import io.heliograph.publish.RawJson;
import java.util.Objects;
import java.util.concurrent.CompletionException;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;

/** Carries out a verified callback: changes a login, or publishes a message. */
@Component
final class CallbackDispatcher {

  /** Callback sources act for the site's own app; other providers have endpoints of their own. */
  private static final String PROVIDER = "app";

  private static final Pattern SUBJECT = Pattern.compile("[^\\p{Cntrl}]{1,128}");

  private final PhoneLogins logins;
  private final Publisher publisher;
  private final Drafts drafts;

  CallbackDispatcher(PhoneLogins logins, Publisher publisher, Drafts drafts) {
    this.logins = logins;
    this.publisher = publisher;
    this.drafts = drafts;
  }

  /**
   * A checked event, ready to be carried out. It is created before the id is claimed, so that an
   * invalid event claims nothing.
   */
  interface Action {
    void run(String dedupeId);
  }

  Action of(CallbackSource source, CallbackEvent event, @Nullable TraceParent trace) {
    EventType type = EventType.of(event.type());
    if (type == null || !source.maySay(type)) {
      throw new ProblemException(
          ProblemType.UNSUPPORTED_EVENT,
          "The event type is unknown or not allowed for this source. Event types are "
              + EventType.names()
              + "; the setting allowed-types of the source selects from them.");
    }
    String data = event.data();
    return switch (type) {
      case LOGIN_SCANNED -> {
        LoginEvent login = login(data, true);
        yield _ -> require(logins.scanned(login.ticket, login.user(), PROVIDER));
      }
      case LOGIN_CONFIRMED -> {
        LoginEvent login = login(data, true);
        yield _ ->
            require(logins.confirmed(login.ticket, login.user(), null, PROVIDER, login.matchCode));
      }
      case LOGIN_DENIED -> {
        LoginEvent login = login(data, false);
        yield _ -> require(logins.denied(login.ticket, login.subject, PROVIDER));
      }
      case MESSAGE_PUSH -> push(source, data, trace);
    };
  }

  /**
   * @param subject null only in a denial without a subject
   * @param matchCode the number that the user chose; null when the sender has none
   */
  private record LoginEvent(String ticket, @Nullable String subject, @Nullable Integer matchCode) {
    String user() {
      return Objects.requireNonNull(subject, "only login.denied may omit the subject");
    }

    @Override
    public String toString() {
      return "LoginEvent";
    }
  }

  private static LoginEvent login(String json, boolean subjectNeeded) {
    JsonNode data;
    try {
      data = RawJson.value(json);
    } catch (JacksonException e) {
      throw PublishRequest.refusal(e, "/data");
    }
    String ticket = text(data, "ticket");
    if (ticket == null) {
      throw ProblemException.invalid(
          "/data/ticket",
          "is missing or not a string; expected is the ticket, the last part of the QR code's URL");
    }
    if (!Channel.RANDOM_ID.matcher(ticket).matches()) {
      throw new ProblemException(ProblemType.TICKET_NOT_FOUND, "The ticket does not exist.");
    }
    String subject = text(data, "subject");
    if (subject == null ? subjectNeeded : !SUBJECT.matcher(subject).matches()) {
      throw ProblemException.invalid("/data/subject", "has to have 1 to 128 characters");
    }
    JsonNode code = data.path("matchCode");
    return new LoginEvent(ticket, subject, code.canConvertToInt() ? code.asInt() : null);
  }

  private static void require(LoginOutcome outcome) {
    if (outcome instanceof LoginOutcome.Refused refused) {
      throw LoginProblems.of(refused);
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
          ProblemType.FORBIDDEN, "The channel is not among the allowed-channels of this source.");
    }
    return dedupeId -> publish(channel, drafts.of(message, dedupeId, trace));
  }

  /** Returns when the broker has appended the message. */
  private void publish(Channel channel, Draft draft) {
    try {
      publisher.publish(channel, draft).join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }

  private static @Nullable String text(JsonNode data, String field) {
    JsonNode value = data.path(field);
    return value.isString() ? value.asString() : null;
  }
}

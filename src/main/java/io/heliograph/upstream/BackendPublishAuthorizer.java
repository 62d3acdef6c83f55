package io.heliograph.upstream;

import io.heliograph.client.PublishAuthorizer;
import io.heliograph.message.Draft;
import io.heliograph.message.Utf8;
import io.heliograph.problem.ProblemType;
import io.heliograph.publish.PublishRequest;
import io.heliograph.publish.RawJson;
import io.heliograph.session.ServerEvent.Problem;
import io.heliograph.upstream.BackendGuard.NotAsked;
import io.heliograph.upstream.BackendGuard.Read;
import io.heliograph.upstream.UpstreamMetrics.Outcome;
import io.heliograph.webhook.WebhookResult;
import io.heliograph.webhook.WebhookResult.Answer;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Sends each message of a client to the backend, which allows, changes or refuses it. */
final class BackendPublishAuthorizer implements PublishAuthorizer {

  private static final int MAX_REASON = 256;

  /** Short, because the client's next frames wait for it. */
  private static final Duration TIMEOUT = Duration.ofSeconds(1);

  private final Backend backend;
  private final BackendGuard guard;

  BackendPublishAuthorizer(Backend backend, BackendGuard guard) {
    this.backend = backend;
    this.guard = guard;
  }

  @Override
  public CompletableFuture<Decision> decide(Publication publication) {
    PublishRequest message = publication.message();
    Backend.Question question =
        new Backend.Question(
            publication.id(),
            AllowedMethods.PUBLISH,
            publication.session(),
            publication.identity(),
            publication.channel(),
            message.event(),
            message.data());
    return switch (guard.enter(AllowedMethods.PUBLISH)) {
      case NotAsked why -> CompletableFuture.completedFuture(new Refused(BackendProblem.of(why)));
      case BackendGuard.Place place ->
          place.ask(() -> backend.ask(question, TIMEOUT), new Decisions(message));
    };
  }

  private record Decisions(PublishRequest message) implements BackendGuard.Reader<Decision> {

    @Override
    public Read<Decision> answered(Answer answer) {
      Decision decision = read(answer, message);
      return decision == null
          ? BackendProblem.read(answer, Refused::new)
          : new Read<>(decision, decision instanceof Allowed ? Outcome.OK : Outcome.PROBLEM);
    }

    @Override
    public Read<Decision> failed(WebhookResult.Failure failure) {
      return new Read<>(new Refused(BackendProblem.of(failure)), Outcome.of(failure));
    }
  }

  /** Null when the answer is not one of the expected ones. */
  private static @Nullable Decision read(Answer answer, PublishRequest message) {
    RawJson json = answer.status() == 200 ? BackendJson.value(answer) : null;
    if (json == null) {
      return null;
    }
    Map<String, String> members = members(json);
    if (members == null) {
      return null;
    }
    String allow = members.get("allow");
    if ("true".equals(allow)) {
      String data = members.get("data");
      RawJson changed = data == null ? message.data() : RawJson.parse(data);
      return changed == null || Utf8.length(changed.text()) > Draft.MAX_DATA_BYTES
          ? null
          : new Allowed(message.with(changed));
    }
    if ("false".equals(allow)) {
      String reason = reason(members.get("reason"));
      return new Refused(
          Problem.of(
              ProblemType.FORBIDDEN,
              reason == null ? "The backend does not allow this message" : reason));
    }
    return null;
  }

  private static @Nullable Map<String, String> members(RawJson json) {
    try {
      return RawJson.members(json.text());
    } catch (JacksonException e) {
      return null;
    }
  }

  private static @Nullable String reason(@Nullable String json) {
    JsonNode value = json == null ? null : JsonMapper.shared().readTree(json);
    return BackendProblem.text(value, MAX_REASON);
  }
}

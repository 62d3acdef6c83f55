package io.heliograph.upstream;

import io.heliograph.client.ClientCalls;
import io.heliograph.client.ClientRequest;
import io.heliograph.message.Ids;
import io.heliograph.problem.ProblemType;
import io.heliograph.publish.RawJson;
import io.heliograph.session.Identity;
import io.heliograph.session.ServerEvent.Problem;
import io.heliograph.upstream.BackendGuard.NotAsked;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Sends each call of a client to the backend as one request. */
final class BackendCalls implements ClientCalls {

  private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,64}");

  private final Backend backend;
  private final BackendGuard guard;
  private final Duration timeout;
  private final AllowedMethods methods;
  private final AllowedMethods anonymousMethods;

  BackendCalls(
      Backend backend,
      BackendGuard guard,
      Duration timeout,
      AllowedMethods methods,
      AllowedMethods anonymousMethods) {
    this.backend = backend;
    this.guard = guard;
    this.timeout = timeout;
    this.methods = methods;
    this.anonymousMethods = anonymousMethods;
  }

  @Override
  public CompletableFuture<Answer> call(Call call) {
    ClientRequest.Call request = call.request();
    String group = anonymousMethods.entryOf(request.method());
    if (group == null) {
      group = methods.entryOf(request.method());
      if (group == null) {
        return refused(
            ProblemType.NOT_FOUND, "method: is not listed in heliograph.upstream.methods");
      }
      if (call.identity().user() == null) {
        return refused(ProblemType.FORBIDDEN, "method: anonymous sessions cannot call it");
      }
    }
    RawJson data = RawJson.parse(request.data());
    if (data == null) {
      return refused(
          ProblemType.INVALID_REQUEST,
          "data: has to be one JSON value of at most 62 levels, each name once per object");
    }
    String key = request.idempotencyKey();
    if (key != null && !KEY.matcher(key).matches()) {
      return refused(
          ProblemType.INVALID_REQUEST,
          "idempotencyKey: has to be 1 to 64 visible ASCII characters");
    }
    Backend.Question question =
        new Backend.Question(
            webhookId(call), request.method(), call.session(), call.identity(), null, null, data);
    return switch (guard.enter(group)) {
      case NotAsked why -> CompletableFuture.completedFuture(new Refused(BackendProblem.of(why)));
      case BackendGuard.Place place ->
          place.ask(() -> backend.ask(question, timeout), BackendAnswers.READER);
    };
  }

  /**
   * The same id for each repetition of a call, so that the backend can detect it. With an
   * idempotency key, repetitions count on all sessions of the user, otherwise on the same session.
   * User or session are part of the hash, so that a client cannot produce the id of another
   * client's call.
   */
  private static String webhookId(Call call) {
    ClientRequest.Call request = call.request();
    Identity identity = call.identity();
    String scope =
        request.idempotencyKey() != null && identity.user() != null
            ? "user:" + identity.user()
            : "session:" + call.session();
    String name =
        request.idempotencyKey() != null ? "key\n" + request.idempotencyKey() : idOf(request.id());
    return "call_" + Backend.digest(scope + '\n' + name);
  }

  private static String idOf(@Nullable String id) {
    return id == null ? "random\n" + Ids.random128() : "id\n" + id;
  }

  private static CompletableFuture<Answer> refused(ProblemType type, String detail) {
    return CompletableFuture.completedFuture(new Refused(Problem.of(type, detail)));
  }
}

package io.heliograph.login.web;

import io.heliograph.idempotency.IdempotentExecution;
import io.heliograph.idempotency.StoredReply;
import io.heliograph.login.BearerSecrets;
import io.heliograph.login.SharedKeys;
import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.ObjectReader;
import tools.jackson.databind.json.JsonMapper;

/**
 * Makes the creation of a ticket idempotent by {@code Idempotency-Key}, across all nodes. The
 * answer contains secrets, so it is stored encrypted, for no longer than the ticket's life, with a
 * key derived from the nodes' secret and the caller's idempotency key, which is not stored.
 */
public final class IdempotentCreation {

  private static final String SCOPE = "login";

  /** Longer than a provider may take to make its code. */
  private static final Duration LEASE = Duration.ofSeconds(30);

  record Answer(LoginController.Created created, String cookie) {
    @Override
    public String toString() {
      return "Answer";
    }
  }

  private final IdempotentExecution execution;
  private final SharedKeys keys;
  private final JsonMapper json;
  private final ObjectReader answers;
  private final IdempotentExecution.Terms terms;

  IdempotentCreation(
      IdempotentExecution execution, SharedKeys keys, JsonMapper json, Duration life) {
    this.execution = execution;
    this.keys = keys;
    this.json = json;
    // A node of another version may have stored it.
    this.answers =
        json.readerFor(Answer.class).without(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
    this.terms = new IdempotentExecution.Terms(LEASE, life, Duration.ZERO);
  }

  /**
   * @param key null: the creation is not idempotent
   * @param caller the namespace of the key, so that a key of one caller reveals nothing of
   *     another's
   */
  <T> T once(
      @Nullable String key,
      String caller,
      String request,
      Supplier<Answer> creation,
      Function<Answer, T> response) {
    if (key == null) {
      return response.apply(creation.get());
    }
    String own = caller + ' ' + key;
    IdempotentExecution.Outcome outcome =
        execution.execute(
            new IdempotentExecution.Request(
                SCOPE, BearerSecrets.hash(own), BearerSecrets.hash(request)),
            terms,
            _ ->
                new StoredReply(
                    201, null, seal(own).close(json.writeValueAsBytes(creation.get()))));
    return response.apply(
        opened(own, outcome.reply())
            .orElseThrow(
                () ->
                    new ProblemException(
                        ProblemType.IDEMPOTENCY_KEY_REUSED,
                        "The key was used before and its answer is no longer stored; use a new"
                            + " key.")));
  }

  private Optional<Answer> opened(String key, StoredReply reply) {
    return seal(key).open(reply.body()).map(body -> answers.readValue(body));
  }

  private Seal seal(String key) {
    return new Seal(keys.of("creation " + key));
  }
}

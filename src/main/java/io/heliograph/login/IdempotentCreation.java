package io.heliograph.login;

import io.heliograph.idempotency.Claim;
import io.heliograph.idempotency.IdempotencyStore;
import io.heliograph.idempotency.IdempotencyStoreUnavailableException;
import io.heliograph.idempotency.StoredReply;
import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.json.JsonMapper;

/**
 * Answers a creation that is sent twice with one {@code Idempotency-Key} as the first time, on
 * whichever node. The answer holds secrets, so it is kept sealed, with a key that is made of the
 * nodes' secret and the caller's own key, which is not kept; and no longer than the ticket may
 * live.
 */
final class IdempotentCreation {

  private static final Logger log = LoggerFactory.getLogger(IdempotentCreation.class);
  private static final Pattern KEY = Pattern.compile("\"?[A-Za-z0-9._:-]{1,64}\"?");
  private static final String SCOPE = "login";

  /** Longer than a provider may take for its code. */
  private static final Duration LEASE = Duration.ofSeconds(30);

  private static final Duration RETRY = Duration.ofSeconds(1);

  record Answer(LoginController.Created created, String cookie) {
    @Override
    public String toString() {
      return "Answer";
    }
  }

  private final IdempotencyStore store;
  private final SharedKeys keys;
  private final JsonMapper json;
  private final Duration life;

  IdempotentCreation(IdempotencyStore store, SharedKeys keys, JsonMapper json, Duration life) {
    this.store = store;
    this.keys = keys;
    this.json = json;
    this.life = life;
  }

  <T> T once(
      @Nullable String header,
      String request,
      Supplier<Answer> creation,
      Function<Answer, T> told) {
    if (header == null) {
      return told.apply(creation.get());
    }
    if (!KEY.matcher(header).matches()) {
      throw ProblemException.invalid("Idempotency-Key", "is a quoted string of 1 to 64 characters");
    }
    String key = header.replace("\"", "");
    try {
      return told.apply(
          switch (store.claim(SCOPE, BearerSecrets.hash(key), BearerSecrets.hash(request), LEASE)) {
            case Claim.Fresh fresh -> create(fresh, key, creation);
            case Claim.Done(StoredReply reply) ->
                opened(key, reply)
                    .orElseThrow(() -> reused("The key was used before, and its answer is lost."));
            case Claim.InProgress() ->
                throw new ProblemException(
                        ProblemType.IDEMPOTENCY_KEY_IN_PROGRESS, "The first request is under way.")
                    .retryAfter(RETRY);
            case Claim.Reused() -> throw reused("The key was used for another request.");
          });
    } catch (IdempotencyStoreUnavailableException e) {
      throw new TicketStoreUnavailableException(e);
    }
  }

  private Answer create(Claim.Fresh claim, String key, Supplier<Answer> creation) {
    Answer answer;
    try {
      answer = creation.get();
    } catch (RuntimeException e) {
      // What failed made nothing, so trying again with the same key is right.
      giveBack(claim);
      throw e;
    }
    byte[] body = seal(key).close(json.writeValueAsBytes(answer));
    try {
      store.complete(claim, new StoredReply(201, null, body), life);
    } catch (IdempotencyStoreUnavailableException e) {
      // The ticket is there: its browser shall have it, though it could not ask twice.
      log.debug("The answer to a creation could not be kept", e);
    }
    return answer;
  }

  private void giveBack(Claim.Fresh claim) {
    try {
      store.release(claim);
    } catch (IdempotencyStoreUnavailableException e) {
      log.debug("A claim ends with its lease", e);
    }
  }

  private Optional<Answer> opened(String key, StoredReply reply) {
    return seal(key).open(reply.body()).map(body -> json.readValue(body, Answer.class));
  }

  private Seal seal(String key) {
    return new Seal(keys.of("creation " + key));
  }

  private static ProblemException reused(String detail) {
    return new ProblemException(ProblemType.IDEMPOTENCY_KEY_REUSED, detail);
  }
}

package io.heliograph.idempotency;

import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import java.time.Duration;
import java.util.concurrent.locks.LockSupport;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.stereotype.Component;

/**
 * Executes a request that may be repeated once: claims its key, processes it, stores the reply.
 * Used by REST calls, logins and callbacks.
 */
@Component
public final class IdempotentExecution {

  private static final Logger log = LoggerFactory.getLogger(IdempotentExecution.class);

  private static final Duration RETRY = Duration.ofSeconds(1);
  private static final Duration STEP = Duration.ofMillis(20);

  private final IdempotencyStore store;

  public IdempotentExecution(IdempotencyStore store) {
    this.store = store;
  }

  /**
   * A request that may be repeated.
   *
   * @param scope see {@link IdempotencyStore#claim}
   * @param fingerprint a digest of the request
   */
  public record Request(String scope, String key, String fingerprint) {}

  /**
   * @param lease how long processing may take
   * @param keep how long the reply is stored
   * @param patience how long a repetition waits for the first request to end, to get its reply
   */
  public record Terms(Duration lease, Duration keep, Duration patience) {}

  /**
   * @param replayed the reply is that of an earlier request
   */
  public record Outcome(StoredReply reply, boolean replayed) {}

  /**
   * Processes the request, or answers with the stored reply.
   *
   * @param work processes the request; an exception frees the key, so that a retry can succeed
   * @throws ProblemException when the key belongs to another request, when the first request is
   *     still in progress, or when the store is unavailable
   */
  public Outcome execute(Request request, Terms terms, Function<Claim.Fresh, StoredReply> work) {
    return switch (claim(request, terms)) {
      case Claim.Fresh fresh -> new Outcome(process(fresh, terms, work), false);
      case Claim.Done(StoredReply reply) -> new Outcome(reply, true);
      case Claim.InProgress() ->
          throw new ProblemException(
                  ProblemType.IDEMPOTENCY_KEY_IN_PROGRESS,
                  "The first request with this idempotency key or id is still in progress.")
              .retryAfter(RETRY);
      case Claim.Reused() ->
          throw new ProblemException(
              ProblemType.IDEMPOTENCY_KEY_REUSED,
              "This idempotency key or id was used for another request; use a new one.");
    };
  }

  private Claim claim(Request request, Terms terms) {
    try {
      Claim claim = claimNow(request, terms);
      for (Duration waited = Duration.ZERO;
          claim instanceof Claim.InProgress && waited.compareTo(terms.patience()) < 0;
          waited = waited.plus(STEP)) {
        LockSupport.parkNanos(STEP.toNanos());
        claim = claimNow(request, terms);
      }
      return claim;
    } catch (IdempotencyStoreUnavailableException e) {
      throw new ProblemException(
              ProblemType.STORE_UNAVAILABLE,
              "The store does not answer and nothing was done; send the request again.")
          .retryAfter(RETRY);
    }
  }

  private Claim claimNow(Request request, Terms terms) {
    return store.claim(request.scope(), request.key(), request.fingerprint(), terms.lease());
  }

  private StoredReply process(
      Claim.Fresh fresh, Terms terms, Function<Claim.Fresh, StoredReply> work) {
    boolean kept = false;
    try {
      StoredReply reply = work.apply(fresh);
      kept = keep(fresh, reply, terms.keep());
      return reply;
    } finally {
      if (!kept) {
        giveBack(fresh);
      }
    }
  }

  /**
   * The request was processed, so its reply is valid even when it cannot be stored. A repetition is
   * then processed again, and {@link io.heliograph.message.Draft#once()} prevents a second message.
   */
  private boolean keep(Claim.Fresh fresh, StoredReply reply, Duration keep) {
    try {
      return reply.fits() && store.complete(fresh, reply, keep);
    } catch (IdempotencyStoreUnavailableException e) {
      log.warn(
          "The reply to a request with an idempotency key could not be stored; a repetition is"
              + " processed again",
          e);
      return false;
    }
  }

  /**
   * If this fails, the key becomes free when its lease ends. The caller gets the original failure.
   */
  private void giveBack(Claim.Fresh fresh) {
    try {
      store.release(fresh);
    } catch (IdempotencyStoreUnavailableException e) {
      log.debug("The claim of an idempotency key could not be released; it ends with its lease", e);
    }
  }
}

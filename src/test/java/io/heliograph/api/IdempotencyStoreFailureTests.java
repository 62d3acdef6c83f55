package io.heliograph.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliograph.broker.BrokerUnavailableException;
import io.heliograph.idempotency.Claim;
import io.heliograph.idempotency.IdempotencyStore;
import io.heliograph.idempotency.IdempotencyStoreUnavailableException;
import io.heliograph.idempotency.IdempotentExecution;
import io.heliograph.idempotency.StoredReply;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * The risk: the idempotency store fails after the claim, and the caller gets that failure instead
 * of the result of the request.
 */
class IdempotencyStoreFailureTests {

  private static final class FailsAfterClaim implements IdempotencyStore {
    @Override
    public Claim claim(String scope, String key, String fingerprint, Duration lease) {
      return new Claim.Fresh(scope, key, "owner");
    }

    @Override
    public boolean complete(Claim.Fresh claim, StoredReply reply, Duration keep) {
      throw new IdempotencyStoreUnavailableException("gone", new IllegalStateException());
    }

    @Override
    public void release(Claim.Fresh claim) {
      throw new IdempotencyStoreUnavailableException("gone", new IllegalStateException());
    }
  }

  private final IdempotentRequests idempotent =
      new IdempotentRequests(new IdempotentExecution(new FailsAfterClaim()));

  @Test
  void anAcceptedRequestGetsItsAnswer() {
    IdempotentRequests.Reply done =
        idempotent.answer(
            "key",
            "caller",
            "request",
            _ -> new IdempotentRequests.Reply(StoredReply.of(202), false));
    assertThat(done.stored().status()).isEqualTo(202);
  }

  @Test
  void aFailedRequestGetsItsOwnFailure() {
    assertThatThrownBy(
            () ->
                idempotent.answer(
                    "key",
                    "caller",
                    "request",
                    _ -> {
                      throw new BrokerUnavailableException("away", null);
                    }))
        .isInstanceOf(BrokerUnavailableException.class);
  }
}

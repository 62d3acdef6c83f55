package io.heliograph.api;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliograph.broker.BrokerUnavailableException;
import io.heliograph.idempotency.Claim;
import io.heliograph.idempotency.IdempotencyStore;
import io.heliograph.idempotency.IdempotencyStoreUnavailableException;
import io.heliograph.idempotency.StoredReply;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.springframework.http.ResponseEntity;
import tools.jackson.databind.json.JsonMapper;

/** The store answers the claim and is gone when the work is done: the answer is the work's. */
class StoreLostAtWorkTests {

  private static final class GoneAfterTheClaim implements IdempotencyStore {
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
      new IdempotentRequests(new GoneAfterTheClaim(), JsonMapper.shared());

  @Test
  void whatWasAcceptedIsAnsweredSo() {
    ResponseEntity<?> done =
        idempotent.answer(
            "key", "caller", "request", _ -> ResponseEntity.accepted().body(Map.of("id", "m")));
    assertThat(done.getStatusCode().value()).isEqualTo(202);
  }

  @Test
  void whatFailedSaysWhyItFailed() {
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

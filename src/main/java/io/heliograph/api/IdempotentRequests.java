package io.heliograph.api;

import io.heliograph.idempotency.IdempotentExecution;
import io.heliograph.idempotency.StoredReply;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.function.Function;
import org.springframework.stereotype.Component;

/**
 * Handles {@code Idempotency-Key} of publishes: a repeated request gets the same answer and has no
 * second effect. Keys are separate for each API key.
 */
@Component
class IdempotentRequests {

  static final String REPLAYED = "Idempotency-Replayed";

  private static final IdempotentExecution.Terms TERMS =
      new IdempotentExecution.Terms(Duration.ofMinutes(1), Duration.ofHours(24), Duration.ZERO);

  private final IdempotentExecution execution;

  IdempotentRequests(IdempotentExecution execution) {
    this.execution = execution;
  }

  /**
   * @param replayed the answer is that of an earlier request
   */
  record Reply(StoredReply stored, boolean replayed) {}

  /**
   * @param caller the name of the API key, which scopes the idempotency keys
   * @param request all of the request that the answer depends on
   * @param work processes the request; its argument is the value for {@code Draft#once}
   */
  Reply answer(String key, String caller, String request, Function<String, Reply> work) {
    String scope = "push:" + caller;
    IdempotentExecution.Outcome outcome =
        execution.execute(
            new IdempotentExecution.Request(scope, key, digest(request)),
            TERMS,
            _ -> work.apply(digest(scope + '\n' + key)).stored());
    return new Reply(outcome.reply(), outcome.replayed());
  }

  /** The value for {@code Draft#once} of a line with its own key, the same in every request. */
  static String ofLine(String caller, String key) {
    return digest("line\n" + caller + '\n' + key);
  }

  static String digest(String text) {
    try {
      byte[] hash =
          MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(hash);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}

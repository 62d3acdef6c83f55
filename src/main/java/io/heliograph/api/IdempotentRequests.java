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
 * {@code Idempotency-Key} of publishes: the same key and request get the same answer and one
 * effect. Keys belong to one API key.
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
   * @param replayed an earlier request was answered so
   */
  record Reply(StoredReply stored, boolean replayed) {}

  /**
   * @param caller whose keys these are
   * @param request everything that the answer depends on
   * @param work gets what makes its effects happen once
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

  /** What makes one line of a bulk publish happen once, whatever request it comes with. */
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

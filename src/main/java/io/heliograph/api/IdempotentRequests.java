package io.heliograph.api;

import io.heliograph.idempotency.Claim;
import io.heliograph.idempotency.IdempotencyStore;
import io.heliograph.idempotency.IdempotencyStoreUnavailableException;
import io.heliograph.idempotency.StoredReply;
import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.stereotype.Component;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code Idempotency-Key}: the same key and request get the same answer and one effect; another
 * request under the key is refused, and so is the same one while the first is under way.
 */
@Component
class IdempotentRequests {

  static final String HEADER = "Idempotency-Key";
  private static final Logger log = LoggerFactory.getLogger(IdempotentRequests.class);

  static final String REPLAYED = "Idempotency-Replayed";

  private static final Pattern KEY = Pattern.compile("[\\x21-\\x7e]{1,255}");
  private static final Duration LEASE = Duration.ofMinutes(1);
  private static final Duration KEEP = Duration.ofHours(24);

  private final IdempotencyStore store;
  private final JsonMapper json;

  IdempotentRequests(IdempotencyStore store, JsonMapper json) {
    this.store = store;
    this.json = json;
  }

  /**
   * @param header as it came; null: the work is simply done
   * @param caller whose keys these are
   * @param request everything that the answer depends on
   * @param work gets what makes its effects happen once, or null
   */
  ResponseEntity<?> answer(
      @Nullable String header,
      String caller,
      String request,
      Function<@Nullable String, ResponseEntity<?>> work) {
    if (header == null) {
      return work.apply(null);
    }
    String key = key(header);
    return switch (claim(caller, key, digest(request))) {
      case Claim.Fresh fresh -> answer(fresh, work);
      case Claim.Done(StoredReply reply) -> replay(reply);
      case Claim.InProgress _ ->
          throw new ProblemException(
                  ProblemType.IDEMPOTENCY_KEY_IN_PROGRESS, "the first request is not answered yet")
              .retryAfter(Duration.ofSeconds(1));
      case Claim.Reused _ ->
          throw new ProblemException(
              ProblemType.IDEMPOTENCY_KEY_REUSED, "the key came with another request before");
    };
  }

  private Claim claim(String caller, String key, String fingerprint) {
    try {
      return store.claim("push:" + caller, key, fingerprint, LEASE);
    } catch (IdempotencyStoreUnavailableException e) {
      throw new ProblemException(ProblemType.STORE_UNAVAILABLE, "nothing was pushed")
          .retryAfter(Duration.ofSeconds(2));
    }
  }

  private ResponseEntity<?> answer(
      Claim.Fresh fresh, Function<@Nullable String, ResponseEntity<?>> work) {
    boolean answered = false;
    try {
      ResponseEntity<?> response = work.apply(digest(fresh.scope() + '\n' + fresh.key()));
      byte[] body = json.writeValueAsBytes(response.getBody());
      if (body.length <= StoredReply.MAX_BODY) {
        StoredReply reply =
            new StoredReply(
                response.getStatusCode().value(), MediaType.APPLICATION_JSON_VALUE, body);
        answered = keep(fresh, reply);
      }
      return response;
    } finally {
      if (!answered) {
        giveBack(fresh);
      }
    }
  }

  /**
   * The work is done, so its answer is true even when it cannot be kept: a repetition then does it
   * anew, and what makes its effects happen once answers with the same message.
   */
  private boolean keep(Claim.Fresh fresh, StoredReply reply) {
    try {
      return store.complete(fresh, reply, KEEP);
    } catch (IdempotencyStoreUnavailableException e) {
      log.warn("The answer to a request could not be kept", e);
      return false;
    }
  }

  /** If it fails the key is free after its lease; why the work failed is the better answer. */
  private void giveBack(Claim.Fresh fresh) {
    try {
      store.release(fresh);
    } catch (IdempotencyStoreUnavailableException e) {
      log.debug("A key could not be given back", e);
    }
  }

  private static ResponseEntity<byte[]> replay(StoredReply reply) {
    var response = ResponseEntity.status(reply.status()).header(REPLAYED, "true");
    if (reply.contentType() != null) {
      response.contentType(MediaType.parseMediaType(reply.contentType()));
    }
    return response.body(reply.body());
  }

  /**
   * A structured field's text (RFC 8941 section 3.3.3), or the bare token that many clients send.
   */
  private static String key(String header) {
    String key = header.strip();
    if (key.length() >= 2 && key.startsWith("\"") && key.endsWith("\"")) {
      key = key.substring(1, key.length() - 1);
    }
    if (!KEY.matcher(key).matches()) {
      throw ProblemException.invalid(HEADER, "is 1 to 255 printable characters");
    }
    return key;
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

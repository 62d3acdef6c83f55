package io.heliograph.login.wechat;

import io.heliograph.callback.CallbackMetrics;
import io.heliograph.callback.CallbackMetrics.Result;
import io.heliograph.idempotency.Claim;
import io.heliograph.idempotency.IdempotencyStore;
import io.heliograph.idempotency.StoredReply;
import io.heliograph.web.MaxBody;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executor;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * The callback endpoints of WeChat's official accounts. Answers are those that WeChat understands:
 * a bare status, or 200 with {@code success} or a reply. Unsupported events are answered with
 * success too, because WeChat repeats all others.
 */
@RestController
class WeChatController {

  private static final Logger log = LoggerFactory.getLogger(WeChatController.class);

  /**
   * The prefix of an account's name in metrics, where sources of other kinds can have the same
   * name.
   */
  private static final String TAG = "wechat-";

  private static final int MAX_BODY = 64 * 1024;

  /** WeChat waits for 5 s; the difference is for the network. */
  private static final Duration ANSWER_WITHIN = Duration.ofSeconds(3);

  private static final Duration LEASE = Duration.ofSeconds(30);

  /** Twice the window in which a signature is accepted. */
  private static final Duration KEEP = Duration.ofMinutes(10);

  private static final String TEXT = "text/plain;charset=UTF-8";
  private static final StoredReply SUCCESS =
      new StoredReply(200, TEXT, "success".getBytes(StandardCharsets.US_ASCII));

  private final WeChatAccounts accounts;
  private final WeChatEnvelope envelope;
  private final WeChatEvents events;
  private final IdempotencyStore claims;
  private final CallbackMetrics metrics;
  private final Clock clock;
  private final Executor executor;
  private final Duration answerWithin;

  @Autowired
  WeChatController(
      WeChatAccounts accounts,
      WeChatEnvelope envelope,
      WeChatEvents events,
      IdempotencyStore claims,
      CallbackMetrics metrics,
      Clock clock) {
    // Work that exceeds the time limit of the answer continues there.
    this(
        accounts,
        envelope,
        events,
        claims,
        metrics,
        clock,
        Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("wechat-", 0).factory()),
        ANSWER_WITHIN);
  }

  WeChatController(
      WeChatAccounts accounts,
      WeChatEnvelope envelope,
      WeChatEvents events,
      IdempotencyStore claims,
      CallbackMetrics metrics,
      Clock clock,
      Executor executor,
      Duration answerWithin) {
    this.accounts = accounts;
    this.envelope = envelope;
    this.events = events;
    this.claims = claims;
    this.metrics = metrics;
    this.clock = clock;
    this.executor = executor;
    this.answerWithin = answerWithin;
  }

  @GetMapping("/callbacks/wechat/{account}")
  ResponseEntity<byte[]> verify(@PathVariable("account") String id, HttpServletRequest request) {
    try {
      WeChatAccount account = accounts.official(id);
      WeChatQuery query = WeChatQuery.parse(request.getQueryString());
      if (query.signature() == null || query.echo() == null) {
        throw WeChatRefusal.malformed();
      }
      if (!query.isFresh(clock.instant())
          || !WeChatSignature.holds(
              query.signature(), account.token(), query.timestamp(), query.nonce())) {
        throw WeChatRefusal.forged();
      }
      return answer(
          new StoredReply(200, "text/plain", query.echo().getBytes(StandardCharsets.US_ASCII)));
    } catch (WeChatRefusal e) {
      return refuse(id, e);
    }
  }

  @PostMapping("/callbacks/wechat/{account}")
  @MaxBody(MaxBody.UNBOUNDED) // Limited below, because the answer must have no body.
  ResponseEntity<byte[]> receive(@PathVariable("account") String id, HttpServletRequest request)
      throws IOException, InterruptedException {
    try {
      WeChatAccount account = accounts.official(id);
      byte[] bytes = body(request);
      WeChatQuery query = WeChatQuery.parse(request.getQueryString());
      WeChatEnvelope.Opened opened = envelope.open(account, query, bytes, clock.instant());
      return withinBudget(
          account,
          CompletableFuture.supplyAsync(() -> handle(account, query, opened, bytes), executor));
    } catch (WeChatRefusal e) {
      return refuse(id, e);
    }
  }

  private static byte[] body(HttpServletRequest request) throws IOException {
    if (request.getContentLengthLong() > MAX_BODY) {
      throw WeChatRefusal.tooLarge();
    }
    byte[] bytes = request.getInputStream().readNBytes(MAX_BODY + 1);
    if (bytes.length > MAX_BODY) {
      throw WeChatRefusal.tooLarge();
    }
    return bytes;
  }

  /**
   * Answers within the time limit while the work continues: after 5 s WeChat closes the connection
   * and tells the user that the account is out of order.
   */
  private ResponseEntity<byte[]> withinBudget(
      WeChatAccount account, CompletableFuture<StoredReply> work) throws InterruptedException {
    try {
      return answer(work.get(answerWithin.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException e) {
      return answer(SUCCESS);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof WeChatRefusal refusal) {
        return refuse(account.id(), refusal);
      }
      return ResponseEntity.status(503).build();
    }
  }

  private StoredReply handle(
      WeChatAccount account, WeChatQuery query, WeChatEnvelope.Opened opened, byte[] bytes) {
    try {
      if (opened.cipher() == null) {
        requireUnusedNonce(account, query, bytes);
      }
      WeChatBody body = opened.body();
      if (body == null) {
        // Otherwise WeChat would repeat the event and tell the user that the account is out of
        // order.
        metrics.count(TAG + account.id(), Result.UNREADABLE);
        log.info(
            "An event of WeChat account {} is authentic but cannot be read; it is ignored",
            account.id());
        return SUCCESS;
      }
      Optional<WeChatEvents.Scan> scan = WeChatEvents.scan(body);
      if (!account.originalId().equals(body.get("ToUserName")) || scan.isEmpty()) {
        metrics.count(TAG + account.id(), Result.IGNORED);
        return SUCCESS;
      }
      return once(account, query, body, opened.cipher(), scan.get());
    } catch (WeChatRefusal e) {
      throw e;
    } catch (RuntimeException e) {
      metrics.count(TAG + account.id(), Result.FAILED);
      log.warn("An event of WeChat account {} failed; WeChat will repeat it", account.id(), e);
      throw e;
    }
  }

  /**
   * Rejects a nonce that was used with another body: a plain signature does not cover the body, so
   * the second one is a forgery.
   */
  private void requireUnusedNonce(WeChatAccount account, WeChatQuery query, byte[] bytes) {
    Claim claim =
        claims.claim(
            "wechat-nonce:" + account.id(),
            query.timestamp() + '.' + query.nonce(),
            hash(bytes),
            LEASE);
    switch (claim) {
      case Claim.Fresh fresh -> claims.complete(fresh, StoredReply.of(200), KEEP);
      case Claim.InProgress(), Claim.Done(_) -> {}
      case Claim.Reused() -> {
        log.warn(
            "security: WeChat account {} received the same nonce with another body", account.id());
        throw WeChatRefusal.forged();
      }
    }
  }

  private StoredReply once(
      WeChatAccount account,
      WeChatQuery query,
      WeChatBody body,
      @Nullable WeChatCipher cipher,
      WeChatEvents.Scan scan) {
    switch (claims.claim("wechat:" + account.id(), eventId(body), "", LEASE)) {
      case Claim.Done(StoredReply reply) -> {
        metrics.count(TAG + account.id(), Result.DUPLICATE);
        return reply;
      }
      case Claim.InProgress(), Claim.Reused() -> {
        metrics.count(TAG + account.id(), Result.IN_PROGRESS);
        return SUCCESS;
      }
      case Claim.Fresh fresh -> {
        boolean done = false;
        StoredReply reply;
        try {
          String text = events.handle(scan);
          reply = text == null ? SUCCESS : reply(account, query, body, cipher, text);
          done = true;
        } finally {
          if (!done) {
            claims.release(fresh);
          }
        }
        claims.complete(fresh, reply, KEEP);
        metrics.count(TAG + account.id(), Result.PROCESSED);
        return reply;
      }
    }
  }

  private StoredReply reply(
      WeChatAccount account,
      WeChatQuery query,
      WeChatBody question,
      @Nullable WeChatCipher cipher,
      String text) {
    String body = envelope.close(account, question, cipher, text, query.nonce(), clock.instant());
    return new StoredReply(
        200,
        question.json() ? "application/json" : "text/xml;charset=UTF-8",
        body.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * The id that WeChat documents: messages by their id, events by user and second; the key is
   * added, because a user can scan twice in a second.
   */
  private static String eventId(WeChatBody body) {
    String message = body.get("MsgId");
    return message != null && !message.isEmpty()
        ? "message " + message
        : hash(
            String.join(
                    "\n",
                    body.get("FromUserName", ""),
                    body.get("CreateTime", ""),
                    body.get("Event", ""),
                    body.get("EventKey", ""))
                .getBytes(StandardCharsets.UTF_8));
  }

  private ResponseEntity<byte[]> refuse(String id, WeChatRefusal refusal) {
    metrics.count(
        TAG + (accounts.isKnown(id) ? id : "unknown"),
        switch (refusal.status()) {
          case 403 -> Result.UNAUTHENTICATED;
          case 503 -> Result.FAILED;
          default -> Result.MALFORMED;
        });
    return ResponseEntity.status(refusal.status()).build();
  }

  private static ResponseEntity<byte[]> answer(StoredReply reply) {
    String type = reply.contentType();
    return ResponseEntity.status(reply.status())
        .header(HttpHeaders.CONTENT_TYPE, type == null ? TEXT : type)
        .body(reply.body());
  }

  private static String hash(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}

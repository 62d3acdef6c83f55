package io.heliograph.callback;

import io.heliograph.callback.CallbackMetrics.Result;
import io.heliograph.idempotency.IdempotentExecution;
import io.heliograph.idempotency.StoredReply;
import io.heliograph.message.TraceParent;
import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import io.heliograph.web.MaxBody;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpMethod;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestMethod;
import org.springframework.web.bind.annotation.RestController;

/**
 * The endpoint of signed callbacks. The order of the checks matters: size, media type, headers,
 * time, signature over the raw bytes, and only then JSON, event type and the claim of the id.
 * Nothing unauthenticated is parsed or stored.
 */
@RestController
class CallbackController {

  private static final Duration LEASE = Duration.ofSeconds(30);

  /** A repetition waits this long for the first request to end, to get the same answer. */
  private static final Duration PATIENCE = Duration.ofMillis(500);

  /** The tag for unknown sources, because callers choose their names. */
  private static final String UNKNOWN = "unknown";

  private final CallbackSources sources;
  private final CallbackEventReader reader;
  private final CallbackDispatcher actions;
  private final IdempotentExecution execution;
  private final CallbackMetrics metrics;
  private final Clock clock;

  CallbackController(
      CallbackSources sources,
      CallbackEventReader reader,
      CallbackDispatcher actions,
      IdempotentExecution execution,
      CallbackMetrics metrics,
      Clock clock) {
    this.sources = sources;
    this.reader = reader;
    this.actions = actions;
    this.execution = execution;
    this.metrics = metrics;
    this.clock = clock;
  }

  @PostMapping("/callbacks/{source}")
  @MaxBody(MaxBody.UNBOUNDED) // The source's own limit is checked below.
  ResponseEntity<byte[]> receive(
      @PathVariable("source") String id,
      @RequestHeader HttpHeaders headers,
      HttpServletRequest request)
      throws IOException {
    try {
      CallbackSource source = source(id);
      byte[] body = body(source, request);
      CallbackEventReader.requireMediaType(headers);
      Instant now = clock.instant();
      SignatureResult.Authentic proof = require(source, source.verify(headers, body, now));
      Duration busy = source.busyFor();
      if (busy != null) {
        throw new ProblemException(
                ProblemType.RATE_LIMITED,
                "This source has sent too many callbacks; send this one again later.")
            .retryAfter(busy);
      }
      CallbackEvent event = reader.read(headers, body);
      requireFresh(source, proof, event, now);
      String eventId = eventId(proof, event, body);
      CallbackDispatcher.Action action =
          actions.of(source, event, TraceParent.of(headers.getFirst(TraceParent.HEADER)));
      return once(source, eventId, hash(body) + '/' + event.type(), action);
    } catch (ProblemException e) {
      metrics.count(sources.find(id) == null ? UNKNOWN : id, result(e.type()));
      throw e;
    }
  }

  private CallbackSource source(String id) {
    CallbackSource source = sources.find(id);
    if (source == null) {
      throw new ProblemException(
          ProblemType.NOT_FOUND,
          "There is no callback source with this name; heliograph.callbacks.sources configures"
              + " them.");
    }
    if (source.retired()) {
      throw new ProblemException(ProblemType.SOURCE_GONE, ProblemType.SOURCE_GONE.description());
    }
    return source;
  }

  private static byte[] body(CallbackSource source, HttpServletRequest request) throws IOException {
    int max = source.maxBody();
    if (request.getContentLengthLong() <= max) {
      byte[] body = request.getInputStream().readNBytes(max + 1);
      if (body.length <= max) {
        return body;
      }
    }
    throw new ProblemException(
        ProblemType.PAYLOAD_TOO_LARGE,
        "The body is too large; callbacks of this source may have at most " + max + " bytes.");
  }

  private SignatureResult.Authentic require(CallbackSource source, SignatureResult verification) {
    return switch (verification) {
      case SignatureResult.Authentic authentic -> {
        if (authentic.retiring()) {
          metrics.countRetiring(source.id());
        }
        yield authentic;
      }
      case SignatureResult.Malformed(String header, String reason) ->
          throw ProblemException.invalid(header, reason);
      case SignatureResult.Forged() -> throw unauthenticated();
    };
  }

  private static ProblemException unauthenticated() {
    return new ProblemException(
        ProblemType.CALLBACK_UNAUTHENTICATED, ProblemType.CALLBACK_UNAUTHENTICATED.description());
  }

  /**
   * If the signature does not cover a time, the body's time is checked, if there is one. This
   * limits how long a request can be replayed.
   */
  private static void requireFresh(
      CallbackSource source, SignatureResult.Authentic proof, CallbackEvent event, Instant now) {
    if (!proof.signedTime() && event.time() != null && !source.within(event.time(), now)) {
      throw unauthenticated();
    }
  }

  private static String eventId(SignatureResult.Authentic proof, CallbackEvent event, byte[] body) {
    String id = proof.id();
    if (id == null) {
      return event.id() == null ? hash(body) : event.id();
    }
    if (proof.signedTime() && event.id() != null && !event.id().equals(id)) {
      throw ProblemException.invalid("ce-id", "has to be the same as webhook-id");
    }
    return id;
  }

  private ResponseEntity<byte[]> once(
      CallbackSource source, String eventId, String fingerprint, CallbackDispatcher.Action action) {
    String dedupeId = hash((source.id() + '/' + eventId).getBytes(StandardCharsets.UTF_8));
    IdempotentExecution.Outcome outcome =
        execution.execute(
            new IdempotentExecution.Request("callback:" + source.id(), eventId, fingerprint),
            new IdempotentExecution.Terms(LEASE, source.keep(), PATIENCE),
            _ -> {
              action.run(dedupeId);
              return StoredReply.of(HttpStatus.NO_CONTENT.value());
            });
    metrics.count(source.id(), outcome.replayed() ? Result.DUPLICATE : Result.PROCESSED);
    return answer(outcome.reply());
  }

  private static ResponseEntity<byte[]> answer(StoredReply reply) {
    return ResponseEntity.status(reply.status()).build();
  }

  /**
   * The handshake of CloudEvents webhooks, which grants an allowed origin to send. {@code
   * WebHook-Request-Callback} is ignored: an unauthenticated caller could otherwise make this
   * service call any address.
   */
  @RequestMapping(path = "/callbacks/{source}", method = RequestMethod.OPTIONS)
  ResponseEntity<Void> shakeHands(
      @PathVariable("source") String id,
      @RequestHeader(name = "WebHook-Request-Origin", defaultValue = "") String origin) {
    CallbackSource source = source(id);
    if (!source.mayShakeHands(origin)) {
      // Without this header the servlet would list methods that do not exist here.
      return ResponseEntity.status(HttpStatus.METHOD_NOT_ALLOWED).allow(HttpMethod.POST).build();
    }
    return ResponseEntity.ok()
        .allow(HttpMethod.POST)
        .header("WebHook-Allowed-Origin", origin)
        .header("WebHook-Allowed-Rate", Integer.toString(source.rate()))
        .build();
  }

  private static Result result(ProblemType type) {
    return switch (type) {
      case CALLBACK_UNAUTHENTICATED -> Result.UNAUTHENTICATED;
      case INVALID_REQUEST, PAYLOAD_TOO_LARGE, UNSUPPORTED_MEDIA_TYPE -> Result.MALFORMED;
      case IDEMPOTENCY_KEY_IN_PROGRESS -> Result.IN_PROGRESS;
      case IDEMPOTENCY_KEY_REUSED -> Result.REUSED;
      case STORE_UNAVAILABLE, BROKER_UNAVAILABLE, UNAVAILABLE, INTERNAL_ERROR -> Result.FAILED;
      default -> Result.REFUSED;
    };
  }

  private static String hash(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}

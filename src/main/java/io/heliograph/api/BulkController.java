package io.heliograph.api;

import io.heliograph.broker.BrokerUnavailableException;
import io.heliograph.hub.Drain;
import io.heliograph.hub.Publisher;
import io.heliograph.idempotency.IdempotencyKeys;
import io.heliograph.idempotency.StoredReply;
import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.Published;
import io.heliograph.message.TraceParent;
import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import io.heliograph.publish.Drafts;
import io.heliograph.publish.PublishRequest;
import io.heliograph.publish.RawJson;
import io.heliograph.security.ApiKey;
import io.heliograph.security.RequiresScope;
import io.heliograph.security.Scope;
import io.heliograph.web.ExchangeLimit;
import io.heliograph.web.MaxBody;
import io.heliograph.web.WaitLimit;
import io.heliograph.web.WaitProperties;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.EOFException;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * {@code POST /v1/messages}: publishes many messages, from a JSON array or from an NDJSON stream
 * whose results are streamed back while it is read. Each message has its own result, in order; an
 * invalid message does not affect the others.
 */
@RestController
@RequiresScope(Scope.PUSH)
class BulkController {

  static final String NDJSON = "application/x-ndjson";

  private static final int MAX_ARRAY = 1000;
  private static final int MAX_ARRAY_BYTES = 1024 * 1024;

  /** The same limit as for the body of a single publish. */
  private static final int MAX_LINE_BYTES = (int) MaxBody.USUAL;

  /**
   * Publishes of one stream in progress at the broker: enough to hide the network's latency, few
   * enough for the memory.
   */
  private static final int WINDOW = 256;

  private final Publisher publisher;
  private final Drain drain;
  private final WaitLimit streams;
  private final Duration streamIdle;
  private final IdempotentRequests idempotent;
  private final JsonMapper json;
  private final Drafts drafts;

  BulkController(
      Publisher publisher,
      Drain drain,
      WaitProperties waits,
      MeterRegistry meters,
      IdempotentRequests idempotent,
      JsonMapper json,
      Drafts drafts) {
    this.publisher = publisher;
    this.drain = drain;
    this.streams = new WaitLimit("stream", waits.streamsPerKey(), waits.streams(), meters);
    this.streamIdle = waits.streamIdle();
    this.idempotent = idempotent;
    this.json = json;
    this.drafts = drafts;
  }

  /**
   * The result of one message: published, or the problem.
   *
   * @param index the message's number, from 0
   * @param repeated true: an earlier message had the same {@code idempotencyKey}, and id and
   *     position are those of that message; otherwise absent
   * @param expires as for a single publish
   */
  record Result(
      int index,
      @Nullable String id,
      @Nullable String channel,
      @Nullable String position,
      @Nullable String outcome,
      @Nullable Boolean repeated,
      @Nullable Instant expires,
      @Nullable Refused problem) {

    static Result pushed(
        int index, Channel channel, Draft draft, Published published, boolean keyed) {
      return new Result(
          index,
          published.id(),
          channel.text(),
          published.position().text(),
          "accepted",
          (keyed && published.repeated()) ? true : null,
          PublishResponses.expiry(draft, published),
          null);
    }

    static Result refused(int index, ProblemException e) {
      ProblemType type = e.type();
      return new Result(
          index,
          null,
          null,
          null,
          null,
          null,
          null,
          new Refused(type.uri().toString(), type.title(), type.status(), e.detail(), e.errors()));
    }
  }

  /**
   * @param errors the invalid fields; absent when the problem is not about fields
   */
  record Refused(
      String type,
      String title,
      int status,
      String detail,
      @Nullable List<ProblemException.FieldError> errors) {}

  @PostMapping(path = "/v1/messages", consumes = "application/json", produces = "application/json")
  @MaxBody(MAX_ARRAY_BYTES)
  ResponseEntity<?> pushArray(
      @RequestBody byte[] body,
      @RequestHeader(name = IdempotencyKeys.HEADER, required = false)
          @Nullable String idempotencyKey,
      @RequestHeader(name = TraceParent.HEADER, required = false) @Nullable String traceparent,
      HttpServletRequest request) {
    String key = IdempotencyKeys.read(idempotencyKey);
    String json = PublishRequest.text(body, 0, body.length);
    List<String> array = elements(json);
    TraceParent trace = TraceParent.of(traceparent);
    String caller = caller(request);
    IdempotentRequests.Reply reply =
        key == null
            ? pushAll(array, caller, null, trace)
            : idempotent.answer(
                key, caller, "bulk\n" + json, once -> pushAll(array, caller, once, trace));
    ResponseEntity.BodyBuilder answer =
        ResponseEntity.status(reply.stored().status()).contentType(MediaType.APPLICATION_JSON);
    if (reply.replayed()) {
      answer.header(IdempotentRequests.REPLAYED, "true");
    }
    return answer.body(reply.stored().body());
  }

  private static List<String> elements(String json) {
    List<String> elements;
    try {
      elements = RawJson.elements(json);
    } catch (JacksonException e) {
      throw PublishRequest.refusal(e, "");
    }
    if (elements == null || elements.size() > MAX_ARRAY) {
      throw ProblemException.invalid(
          "",
          elements == null
              ? "has to be an array of messages"
              : "has " + elements.size() + " messages; an array may have at most " + MAX_ARRAY);
    }
    return elements;
  }

  private IdempotentRequests.Reply pushAll(
      List<String> array, String caller, @Nullable String once, @Nullable TraceParent trace) {
    List<CompletableFuture<Result>> inProgress = new ArrayList<>(array.size());
    for (int index = 0; index < array.size(); index++) {
      String line = array.get(index);
      inProgress.add(push(index, line, caller, onceOf(once, index, line), trace));
    }
    List<Result> results = inProgress.stream().map(CompletableFuture::join).toList();
    return new IdempotentRequests.Reply(
        new StoredReply(200, MediaType.APPLICATION_JSON_VALUE, json.writeValueAsBytes(results)),
        false);
  }

  private static String caller(HttpServletRequest request) {
    ApiKey key = ApiKey.of(request);
    return key == null ? "" : key.name();
  }

  @PostMapping(path = "/v1/messages", consumes = NDJSON, produces = NDJSON)
  @MaxBody(MaxBody.UNBOUNDED)
  void pushStream(HttpServletRequest request, HttpServletResponse response) throws IOException {
    String caller = caller(request);
    try (var _ = streams.enter(caller)) {
      ExchangeLimit.idle(streamIdle).set(request);
      stream(caller, request, response);
    }
  }

  @SuppressWarnings("ThreadPriorityCheck") // virtual threads are not preempted
  private void stream(String caller, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    String key = IdempotencyKeys.of(request);
    // The key covers the line's text, so a line that was changed before a retry is published as a
    // new message.
    String once = key == null ? null : IdempotentRequests.digest("ndjson\n" + caller + '\n' + key);
    TraceParent trace = TraceParent.of(request.getHeader(TraceParent.HEADER));
    response.setContentType(NDJSON);
    if (request.getProtocol().equals("HTTP/1.1")) {
      // Also if the caller asks for Connection: close, because only the last chunk shows that the
      // answer is complete.
      response.setHeader(HttpHeaders.TRANSFER_ENCODING, "chunked");
    }
    OutputStream out = response.getOutputStream();
    ArrayDeque<CompletableFuture<Result>> inProgress = new ArrayDeque<>(WINDOW);
    var lines =
        new NdjsonLines(request.getInputStream(), MAX_LINE_BYTES, () -> writeAll(inProgress, out));
    int index = 0;
    while (lines.next()) {
      inProgress.add(push(index, lines, caller, once, trace));
      index++;
      if (inProgress.size() == WINDOW) {
        writeAll(inProgress, out);
        // Virtual threads are not preempted, and a fast sender would keep a core.
        Thread.yield();
      }
      if (drain.isDraining()) {
        writeAll(inProgress, out);
        throw new EOFException("the node stops; lines without a result were not published");
      }
    }
    writeAll(inProgress, out);
  }

  private void writeAll(ArrayDeque<CompletableFuture<Result>> inProgress, OutputStream out)
      throws IOException {
    if (inProgress.isEmpty()) {
      return;
    }
    while (!inProgress.isEmpty()) {
      out.write(json.writeValueAsBytes(inProgress.remove().join()));
      out.write('\n');
    }
    out.flush();
  }

  private static @Nullable String onceOf(@Nullable String once, int index, String line) {
    return once == null ? null : IdempotentRequests.digest(once + '\n' + index + '\n' + line);
  }

  /** Publishes a line of a stream. The future never fails: a failure is the line's result. */
  private CompletableFuture<Result> push(
      int index,
      NdjsonLines lines,
      String caller,
      @Nullable String once,
      @Nullable TraceParent trace) {
    try {
      String line = lines.line();
      if (line == null) {
        throw new ProblemException(
            ProblemType.PAYLOAD_TOO_LARGE,
            "The line is too long; a line may have at most " + MAX_LINE_BYTES + " bytes.");
      }
      return push(index, line, caller, onceOf(once, index, line), trace);
    } catch (ProblemException e) {
      return CompletableFuture.completedFuture(Result.refused(index, e));
    }
  }

  /**
   * Publishes a message. The future never fails: a failure is the message's result.
   *
   * @param once used if the message has no {@code idempotencyKey}
   */
  private CompletableFuture<Result> push(
      int index, String line, String caller, @Nullable String once, @Nullable TraceParent trace) {
    try {
      PublishRequest message = PublishRequest.read(line, PublishRequest.Form.BULK);
      Channel channel = PublishRequest.recipient("/channel", message.channel());
      String own = message.idempotencyKey();
      Draft draft =
          drafts.of(message, own == null ? once : IdempotentRequests.ofLine(caller, own), trace);
      return publisher
          .publish(channel, draft)
          .handle(
              (published, failure) ->
                  published != null
                      ? Result.pushed(index, channel, draft, published, own != null)
                      : Result.refused(
                          index,
                          new ProblemException(
                              typeOf(failure), "The message was not accepted; send it again.")));
    } catch (ProblemException e) {
      return CompletableFuture.completedFuture(Result.refused(index, e));
    }
  }

  private static ProblemType typeOf(@Nullable Throwable failure) {
    Throwable cause =
        failure == null ? null : failure.getCause() == null ? failure : failure.getCause();
    return cause instanceof BrokerUnavailableException
        ? ProblemType.BROKER_UNAVAILABLE
        : ProblemType.INTERNAL_ERROR;
  }
}

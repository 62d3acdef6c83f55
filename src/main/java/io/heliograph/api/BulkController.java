package io.heliograph.api;

import io.heliograph.broker.BrokerUnavailableException;
import io.heliograph.hub.Hub;
import io.heliograph.message.Channel;
import io.heliograph.message.Published;
import io.heliograph.message.TraceParent;
import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import io.heliograph.publish.PublishRequest;
import io.heliograph.publish.RawJson;
import io.heliograph.security.RequiresScope;
import io.heliograph.security.Scope;
import io.heliograph.web.MaxBody;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.io.OutputStream;
import java.time.Clock;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.json.JsonMapper;

/**
 * Where many messages come in at once: as a JSON array, or as NDJSON that streams in while results
 * stream out. Each line has its own result, in order; one bad line does not spoil the rest.
 */
@RestController
@RequiresScope(Scope.PUSH)
class BulkController {

  static final String NDJSON = "application/x-ndjson";

  private static final int MAX_ARRAY = 1000;
  private static final int MAX_ARRAY_BYTES = 1024 * 1024;

  /** As much as a single push may have. */
  private static final int MAX_LINE_BYTES = (int) MaxBody.USUAL;

  /** Pushes under way at the broker: enough to hide its distance, little enough to hold. */
  private static final int WINDOW = 256;

  private final Hub hub;
  private final IdempotentRequests idempotent;
  private final JsonMapper json;
  private final Clock clock;

  BulkController(Hub hub, IdempotentRequests idempotent, JsonMapper json, Clock clock) {
    this.hub = hub;
    this.idempotent = idempotent;
    this.json = json;
    this.clock = clock;
  }

  /**
   * One line's result: what was pushed, or why not.
   *
   * @param index the line's number from 0
   */
  record Result(
      int index,
      @Nullable String id,
      @Nullable String channel,
      @Nullable String position,
      @Nullable String outcome,
      @Nullable Refused problem) {

    static Result pushed(int index, Channel channel, Published published) {
      return new Result(
          index, published.id(), channel.text(), published.position().text(), "accepted", null);
    }

    static Result refused(int index, ProblemType type, String detail) {
      return new Result(
          index,
          null,
          null,
          null,
          null,
          new Refused(type.uri().toString(), type.title(), type.status(), detail));
    }
  }

  record Refused(String type, String title, int status, String detail) {}

  @PostMapping(path = "/v1/messages", consumes = "application/json", produces = "application/json")
  @MaxBody(MAX_ARRAY_BYTES)
  ResponseEntity<?> pushArray(
      @RequestBody @Nullable List<RawJson.@Nullable Element> body,
      @RequestHeader(name = IdempotentRequests.HEADER, required = false)
          @Nullable String idempotencyKey,
      @RequestHeader(name = TraceParent.HEADER, required = false) @Nullable String traceparent,
      HttpServletRequest request) {
    if (body == null || body.size() > MAX_ARRAY) {
      throw ProblemException.invalid(
          "", "the body is an array of at most " + MAX_ARRAY + " messages");
    }
    return idempotent.answer(
        idempotencyKey,
        MessageController.caller(request),
        "bulk\n" + body,
        once -> ResponseEntity.ok(pushAll(body, once, TraceParent.of(traceparent))));
  }

  private List<Result> pushAll(
      List<RawJson.@Nullable Element> array, @Nullable String once, @Nullable TraceParent trace) {
    List<CompletableFuture<Result>> underWay = new ArrayList<>(array.size());
    int index = 0;
    for (RawJson.Element line : array) {
      String text = line == null ? "null" : line.text();
      underWay.add(push(index, text, onceOf(once, index, text), trace));
      index++;
    }
    return underWay.stream().map(CompletableFuture::join).toList();
  }

  @PostMapping(path = "/v1/messages", consumes = NDJSON, produces = NDJSON)
  @MaxBody(MaxBody.UNBOUNDED)
  void pushStream(HttpServletRequest request, HttpServletResponse response) throws IOException {
    String key = request.getHeader(IdempotentRequests.HEADER);
    // A line that was changed between two tries is another message: nothing is swallowed.
    String once =
        key == null
            ? null
            : IdempotentRequests.digest(
                "ndjson\n" + MessageController.caller(request) + '\n' + key);
    TraceParent trace = TraceParent.of(request.getHeader(TraceParent.HEADER));
    response.setContentType(NDJSON);
    OutputStream out = response.getOutputStream();
    ArrayDeque<CompletableFuture<Result>> underWay = new ArrayDeque<>(WINDOW);
    var lines =
        new NdjsonLines(request.getInputStream(), MAX_LINE_BYTES, () -> writeAll(underWay, out));
    int index = 0;
    while (lines.next()) {
      String line = lines.line();
      underWay.add(
          line == null
              ? CompletableFuture.completedFuture(
                  Result.refused(
                      index,
                      ProblemType.PAYLOAD_TOO_LARGE,
                      "a line has at most " + MAX_LINE_BYTES + " bytes"))
              : push(index, line, onceOf(once, index, line), trace));
      index++;
      if (underWay.size() == WINDOW) {
        writeAll(underWay, out);
      }
    }
    writeAll(underWay, out);
  }

  private void writeAll(ArrayDeque<CompletableFuture<Result>> underWay, OutputStream out)
      throws IOException {
    if (underWay.isEmpty()) {
      return;
    }
    while (!underWay.isEmpty()) {
      out.write(json.writeValueAsBytes(underWay.remove().join()));
      out.write('\n');
    }
    out.flush();
  }

  private static @Nullable String onceOf(@Nullable String once, int index, String line) {
    return once == null ? null : IdempotentRequests.digest(once + '\n' + index + '\n' + line);
  }

  /** Never fails: what goes wrong is the line's result. */
  private CompletableFuture<Result> push(
      int index, String line, @Nullable String once, @Nullable TraceParent trace) {
    try {
      PublishRequest order = json.readValue(line, PublishRequest.class);
      if (order == null) {
        throw ProblemException.invalid("", "a line is one JSON object");
      }
      Channel channel = PublishRequest.recipient("/channel", order.channel());
      return hub.push(channel, order.draft(clock, once, trace))
          .handle(
              (published, failure) ->
                  published != null
                      ? Result.pushed(index, channel, published)
                      : Result.refused(index, typeOf(failure), "not accepted; push it again"));
    } catch (ProblemException e) {
      return CompletableFuture.completedFuture(Result.refused(index, e.type(), e.detail()));
    } catch (JacksonException e) {
      return CompletableFuture.completedFuture(
          Result.refused(
              index,
              ProblemType.INVALID_REQUEST,
              "a line is one JSON object, each field once, with channel, event and data"));
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

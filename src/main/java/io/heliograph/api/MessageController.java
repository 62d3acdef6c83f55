package io.heliograph.api;

import io.heliograph.hub.Hub;
import io.heliograph.hub.PublishResult;
import io.heliograph.hub.PublishWait;
import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.TraceParent;
import io.heliograph.problem.ProblemException;
import io.heliograph.publish.PublishRequest;
import io.heliograph.security.ApiKey;
import io.heliograph.security.RequiresScope;
import io.heliograph.security.Scope;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Clock;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.convert.DurationStyle;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/** Where a single message comes in. */
@RestController
@RequiresScope(Scope.PUSH)
class MessageController {

  private static final Duration USUAL_TIMEOUT = Duration.ofSeconds(2);
  private static final Duration LONGEST_TIMEOUT = Duration.ofSeconds(30);

  private final Hub hub;
  private final IdempotentRequests idempotent;
  private final Clock clock;

  MessageController(Hub hub, IdempotentRequests idempotent, Clock clock) {
    this.hub = hub;
    this.idempotent = idempotent;
    this.clock = clock;
  }

  @PostMapping(
      path = MessageEndpoint.PATTERN,
      consumes = "application/json",
      produces = "application/json")
  ResponseEntity<?> push(
      @PathVariable String channel,
      @RequestBody PublishRequest order,
      @RequestParam(defaultValue = "accepted") String wait,
      @RequestParam(required = false) @Nullable String timeout,
      @RequestHeader(name = IdempotentRequests.HEADER, required = false)
          @Nullable String idempotencyKey,
      @RequestHeader(name = TraceParent.HEADER, required = false) @Nullable String traceparent,
      HttpServletRequest request) {
    Channel recipient = PublishRequest.recipient("channel", channel);
    PublishWait until = new PublishWait(until(wait), timeout(timeout));
    // Before the key is claimed: what is refused has not happened.
    order.draft(clock, null, null);
    return idempotent.answer(
        idempotencyKey,
        caller(request),
        String.join("\n", "push", recipient.text(), until.toString(), order.toString()),
        once -> answer(recipient, order.draft(clock, once, TraceParent.of(traceparent)), until));
  }

  private ResponseEntity<?> answer(Channel recipient, Draft draft, PublishWait until) {
    PublishResult result = PublishResponses.await(hub.push(recipient, draft, until));
    HttpStatus status =
        result.outcome() == PublishResult.Outcome.ACCEPTED ? HttpStatus.ACCEPTED : HttpStatus.OK;
    return ResponseEntity.status(status).body(PublishResponses.Pushed.of(recipient, result));
  }

  static String caller(HttpServletRequest request) {
    ApiKey key = ApiKey.of(request);
    return key == null ? "" : key.name();
  }

  private static PublishWait.Until until(String wait) {
    return switch (wait.toLowerCase(Locale.ROOT)) {
      case "accepted" -> PublishWait.Until.ACCEPTED;
      case "delivered" -> PublishWait.Until.DELIVERED;
      case "acked" -> PublishWait.Until.ACKED;
      default -> throw ProblemException.invalid("wait", "is accepted, delivered or acked");
    };
  }

  private static Duration timeout(@Nullable String text) {
    if (text == null) {
      return USUAL_TIMEOUT;
    }
    try {
      Duration timeout = DurationStyle.detectAndParse(text);
      if (!timeout.isNegative() && timeout.compareTo(LONGEST_TIMEOUT) <= 0) {
        return timeout;
      }
    } catch (IllegalArgumentException | ArithmeticException e) {
      // Said below.
    }
    throw ProblemException.invalid(
        "timeout",
        "is a duration such as 500ms or 2s, at most " + LONGEST_TIMEOUT.toSeconds() + "s");
  }
}

package io.heliograph.protocol.http;

import io.heliograph.client.Admission;
import io.heliograph.client.ClientContext;
import io.heliograph.hub.SessionStart;
import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import io.heliograph.session.CloseReason;
import io.heliograph.session.Identity;
import io.heliograph.session.SessionProperties;
import io.heliograph.transport.http.HttpEndpoint;
import io.heliograph.transport.http.ResponseStreams;
import io.heliograph.web.ClientAddress;
import io.heliograph.web.QueryParameters;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.MediaType;

/**
 * {@code GET /poll}: what a client has not had yet, or what comes next. All state is in the vector
 * that it sends back, so any node answers any poll.
 */
final class PollEndpoint implements HttpEndpoint.Handler {

  private static final String SINCE = "since";
  private static final String WAIT = "wait";
  private static final Duration USUAL_WAIT = Duration.ofSeconds(25);
  private static final int MAX_WAIT_SECONDS = 30;

  /**
   * A broker that does not answer has failed by then; the poll is answered without its messages.
   */
  private static final Duration PATIENCE_WITH_BROKER = Duration.ofSeconds(5);

  private static final Duration RETRY_AFTER = Duration.ofSeconds(2);

  private final SessionProperties sessions;
  private final HttpCallers callers;
  private final ClientContext context;
  private final ResponseStreams streams;

  PollEndpoint(
      SessionProperties sessions,
      HttpCallers callers,
      ClientContext context,
      ResponseStreams streams) {
    this.sessions = sessions;
    this.callers = callers;
    this.context = context;
    this.streams = streams;
  }

  @Override
  public void handle(HttpServletRequest request, HttpServletResponse response) throws IOException {
    HttpCallers.requireNoBody(request);
    HttpCallers.requireNoTokenInQuery(request.getQueryString());
    Map<String, List<String>> query =
        QueryParameters.read(request.getQueryString(), List.of(SINCE, WAIT), HttpStart.CHANNEL);
    Duration wait = wait(EventsEndpoint.only(query, WAIT));
    String since = EventsEndpoint.only(query, SINCE);
    HttpStart asked = HttpStart.of(query.getOrDefault(HttpStart.CHANNEL, List.of()), since);
    callers.requireWelcomeOrigin(request);
    if (PositionVector.STOP.equals(since)) {
      throw new ProblemException(ProblemType.STAY_AWAY, ProblemType.STAY_AWAY.description());
    }
    switch (callers.decide(request)) {
      case Admission.Admitted(Identity identity) -> {
        SessionStart start = asked.with(identity, sessions.maxSubscriptions(), null);
        callers.accepted();
        poll(request, response, identity, start, since == null ? Duration.ZERO : wait);
      }
      case Admission.Refused refused -> {
        callers.refused(refused);
        throw HttpCallers.problem(refused);
      }
    }
  }

  private void poll(
      HttpServletRequest request,
      HttpServletResponse response,
      Identity identity,
      SessionStart start,
      Duration wait)
      throws IOException {
    response.setContentType(MediaType.APPLICATION_JSON_VALUE);
    response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    response.setHeader("X-Content-Type-Options", "nosniff");
    var poll = new Poll(context, ClientAddress.of(request).network(), wait);
    boolean handedOver = false;
    try {
      await(poll.begin(identity, start));
      if (!wait.isZero() && poll.waits()) {
        poll.takenOver(streams.open(request, ByteBuffer.allocate(0), poll));
        handedOver = true;
        return;
      }
      CloseReason refusal = poll.refusal();
      if (refusal != null) {
        throw new ProblemException(
                refusal == CloseReason.TOO_MANY
                    ? ProblemType.RATE_LIMITED
                    : ProblemType.UNAVAILABLE,
                "The poll ended at once: " + refusal.text() + ".")
            .retryAfter(RETRY_AFTER);
      }
      if (!poll.saysWhere()) {
        throw new ProblemException(
                ProblemType.BROKER_UNAVAILABLE, "The broker does not answer; poll again.")
            .retryAfter(RETRY_AFTER);
      }
      ByteBuffer json = poll.answerNow();
      response.setContentLength(json.remaining());
      response.getOutputStream().write(json);
    } finally {
      if (!handedOver) {
        poll.requestEnded();
      }
    }
  }

  private static void await(CompletableFuture<Void> begun) {
    begun
        .copy()
        .completeOnTimeout(null, PATIENCE_WITH_BROKER.toMillis(), TimeUnit.MILLISECONDS)
        .join();
  }

  private static Duration wait(@Nullable String text) {
    if (text == null) {
      return USUAL_WAIT;
    }
    if (!text.matches("[0-9]{1,2}") || Integer.parseInt(text) > MAX_WAIT_SECONDS) {
      throw ProblemException.invalid(
          WAIT, "must be a number of seconds from 0 to " + MAX_WAIT_SECONDS);
    }
    return Duration.ofSeconds(Integer.parseInt(text));
  }
}

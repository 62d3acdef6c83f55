package io.heliograph.protocol.http;

import io.heliograph.client.ClientContext;
import io.heliograph.client.ClientRequest;
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
 * that it sends back, so any node answers any poll. {@code POST}: the same with a {@link
 * FrameRequest}, in which each channel has its position.
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
    HttpCallers.requireNoTokenInQuery(request.getQueryString());
    if (request.getMethod().equals("POST")) {
      pollFrames(request, response);
      return;
    }
    HttpCallers.requireNoBody(request);
    Map<String, List<String>> query =
        QueryParameters.read(request.getQueryString(), List.of(SINCE, WAIT), HttpStart.CHANNEL);
    Duration wait = wait(EventsEndpoint.only(query, WAIT));
    String since = EventsEndpoint.only(query, SINCE);
    HttpStart asked = HttpStart.of(query.getOrDefault(HttpStart.CHANNEL, List.of()), since);
    callers.requireWelcomeOrigin(request);
    if (PositionVector.STOP.equals(since)) {
      throw new ProblemException(ProblemType.STAY_AWAY, ProblemType.STAY_AWAY.description());
    }
    Identity identity = callers.require(request);
    SessionStart start = asked.with(identity, sessions.maxSubscriptions(), null);
    callers.accepted();
    Duration patience = since == null ? Duration.ZERO : wait;
    var poll = new Poll(context, ClientAddress.of(request).network(), patience, new VectorAnswer());
    answer(request, response, poll, poll.begin(identity, start), patience);
  }

  private void pollFrames(HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    Duration wait = wait(QueryParameters.read(request.getQueryString(), List.of(WAIT)).get(WAIT));
    FrameRequest asked = FrameRequest.read(request);
    callers.requireWelcomeOrigin(request);
    Identity identity = callers.require(request);
    callers.accepted();
    List<ClientRequest> others = asked.others(identity);
    var answer = new FrameAnswer(others.size());
    var poll = new Poll(context, ClientAddress.of(request).network(), wait, answer);
    CompletableFuture<Void> begun =
        poll.begin(identity, asked.start(identity, null))
            .thenCompose(_ -> poll.handOver(others))
            .thenCompose(_ -> answer.complete());
    answer(request, response, poll, begun, wait);
  }

  private void answer(
      HttpServletRequest request,
      HttpServletResponse response,
      Poll poll,
      CompletableFuture<Void> begun,
      Duration wait)
      throws IOException {
    response.setContentType(MediaType.APPLICATION_JSON_VALUE);
    response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store");
    response.setHeader("X-Content-Type-Options", "nosniff");
    boolean handedOver = false;
    try {
      await(begun);
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

package io.heliograph.transport.engineio;

import io.github.bucket4j.Bucket;
import io.heliograph.message.Utf8;
import io.heliograph.session.CloseReason;
import io.heliograph.transport.http.HttpEndpoint;
import io.heliograph.transport.http.ResponseStreams;
import io.heliograph.web.ClientAddress;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The requests of polling clients: the handshake, GETs that fetch packets and POSTs that bring
 * them.
 */
final class EnginePolling implements HttpEndpoint.Handler {

  private static final Logger log = LoggerFactory.getLogger(EnginePolling.class);

  private static final ByteBuffer NOTHING = ByteBuffer.allocate(0);
  private static final String OK = "ok";

  private final EngineContext context;
  private final EngineAnswers answers;
  private final ResponseStreams streams;

  /** Limits the log line about polling that is off, which every client may cause. */
  private final Bucket warnings =
      Bucket.builder()
          .addLimit(limit -> limit.capacity(1).refillGreedy(1, Duration.ofMinutes(1)))
          .build();

  EnginePolling(EngineContext context, EngineAnswers answers, ResponseStreams streams) {
    this.context = context;
    this.answers = answers;
    this.streams = streams;
  }

  @Override
  public void handle(HttpServletRequest request, HttpServletResponse response) throws IOException {
    EngineRequest asked = EngineRequest.parse(request.getQueryString());
    EngineError error = asked.error();
    if (error == null && !asked.transport().equals(EngineRequest.POLLING)) {
      // A WebSocket handshake that a proxy has made a plain request of.
      error = EngineError.BAD_REQUEST;
    }
    if (error != null) {
      answers.refuseHandshake(response, error);
    } else if (asked.sid() == null) {
      open(request, response);
    } else {
      EngineGate.Refused refused = context.endpoint().gate().further(request);
      PollingCarrier session = context.sessions().find(asked.sid());
      if (refused != null) {
        answers.refuseHandshake(response, refused);
      } else if (session == null) {
        EngineAnswers.refuse(response, EngineError.UNKNOWN_SESSION);
      } else {
        handle(session, request, response);
      }
    }
  }

  private void open(HttpServletRequest request, HttpServletResponse response) throws IOException {
    if (!request.getMethod().equals("GET")) {
      answers.refuseHandshake(response, EngineError.BAD_METHOD);
      return;
    }
    String refusal = context.endpoint().pollingRefusal();
    if (refusal != null) {
      if (warnings.tryConsume(1)) {
        log.warn("Engine.IO over polling refused: {}", refusal);
      }
      EngineAnswers.refuse(
          response, HttpServletResponse.SC_BAD_REQUEST, EngineError.BAD_REQUEST, refusal);
      return;
    }
    switch (context.endpoint().gate().open(request)) {
      case EngineGate.Refused refused -> answers.refuseHandshake(response, refused);
      case EngineGate.Admitted(EngineListener listener) -> {
        String sid = EngineAnswers.newId();
        String address = ClientAddress.of(request).network();
        var _ = EngineTransport.polling(context, sid, address, listener);
        answers.accepted();
        EngineAnswers.write(response, EngineAnswers.open(sid, context.endpoint().limits(), true));
      }
    }
  }

  private void handle(
      PollingCarrier session, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    switch (request.getMethod()) {
      case "GET" -> poll(session, request, response);
      case "POST" -> post(session, request, response);
      default -> EngineAnswers.refuse(response, EngineError.BAD_REQUEST);
    }
  }

  private void poll(
      PollingCarrier session, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    var poll = new HttpPoll(session);
    EngineError error = error(session.poll(poll));
    if (error != null) {
      EngineAnswers.refuse(response, error);
      return;
    }
    Throwable failure = null;
    ByteBuffer answer = poll.answerAtOnce();
    try {
      if (answer != null) {
        EngineAnswers.write(response, answer);
      } else {
        EngineAnswers.begin(response);
        var _ = streams.open(request, NOTHING, poll);
      }
    } catch (IOException | RuntimeException e) {
      failure = e;
      session.lost(poll);
      throw e;
    } finally {
      if (answer != null) {
        poll.answered(failure);
      }
    }
  }

  private void post(
      PollingCarrier session, HttpServletRequest request, HttpServletResponse response)
      throws IOException {
    EngineError error = error(session.posts().begin());
    if (error != null) {
      EngineAnswers.refuse(response, error);
      return;
    }
    byte[] body;
    try {
      body = body(request);
    } catch (IOException | RuntimeException e) {
      session.posts().lose();
      throw e;
    }
    if (body == null) {
      session.posts().refuse(CloseReason.TOO_BIG, "a POST within its limit");
      EngineAnswers.refuse(
          response,
          HttpServletResponse.SC_REQUEST_ENTITY_TOO_LARGE,
          EngineError.BAD_REQUEST,
          "A request may have at most %d bytes."
              .formatted(context.endpoint().limits().maxPayload()));
      return;
    }
    String text;
    try {
      text = Utf8.decode(body, 0, body.length);
    } catch (CharacterCodingException e) {
      session.posts().refuse(CloseReason.INVALID_TEXT, "a POST in UTF-8");
      EngineAnswers.refuse(response, EngineError.BAD_REQUEST);
      return;
    }
    error = error(session.posts().end(text));
    if (error == null) {
      EngineAnswers.write(response, OK);
    } else {
      EngineAnswers.refuse(response, error);
    }
  }

  /** Null: it is larger than it may be. */
  private byte @Nullable [] body(HttpServletRequest request) throws IOException {
    int most = context.endpoint().limits().maxPayload();
    if (request.getContentLengthLong() > most) {
      return null;
    }
    byte[] body = request.getInputStream().readNBytes(most + 1);
    return body.length > most ? null : body;
  }

  private static @Nullable EngineError error(PollingCarrier.Answer answer) {
    return switch (answer) {
      case OK -> null;
      case UNKNOWN -> EngineError.UNKNOWN_SESSION;
      case BROKEN -> EngineError.BAD_REQUEST;
    };
  }
}

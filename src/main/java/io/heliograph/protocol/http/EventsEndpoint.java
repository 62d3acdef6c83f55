package io.heliograph.protocol.http;

import io.heliograph.client.Admission;
import io.heliograph.client.ClientContext;
import io.heliograph.client.ClientRequest;
import io.heliograph.hub.SessionStart;
import io.heliograph.problem.ProblemException;
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
import java.util.Collections;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.InvalidMediaTypeException;
import org.springframework.http.MediaType;
import org.springframework.web.HttpMediaTypeNotAcceptableException;

/**
 * {@code GET /events}: an event stream. {@code POST}: the same with a {@link FrameRequest}.
 *
 * <p>An EventSource gives up for good after any status but 200 and reports nothing to its page. So
 * what is refused for now is answered to it with an empty stream and a time to come back; a client
 * that sets {@code Authorization} is no EventSource and gets the status.
 */
final class EventsEndpoint implements HttpEndpoint.Handler {

  private static final String LAST_EVENT_ID = "Last-Event-ID";
  private static final String FORMAT = "format";
  private static final String ENVELOPE = "envelope";
  private static final String LAST_EVENT_ID_PARAMETER = "lastEventId";

  private final EventsProperties properties;
  private final SessionProperties sessions;
  private final HttpCallers callers;
  private final ClientContext context;
  private final ResponseStreams streams;

  EventsEndpoint(
      EventsProperties properties,
      SessionProperties sessions,
      HttpCallers callers,
      ClientContext context,
      ResponseStreams streams) {
    this.properties = properties;
    this.sessions = sessions;
    this.callers = callers;
    this.context = context;
    this.streams = streams;
  }

  @Override
  public void handle(HttpServletRequest request, HttpServletResponse response)
      throws IOException, HttpMediaTypeNotAcceptableException {
    if (request.getMethod().equals("POST")) {
      streamFrames(request, response);
      return;
    }
    HttpCallers.requireNoBody(request);
    requireEventStreamAccepted(request);
    HttpCallers.requireNoTokenInQuery(request.getQueryString());
    Map<String, List<String>> query =
        QueryParameters.read(
            request.getQueryString(), List.of(FORMAT, LAST_EVENT_ID_PARAMETER), HttpStart.CHANNEL);
    EventCodec codec = codec(query);
    String since = lastEventId(request, query);
    HttpStart asked = HttpStart.of(query.getOrDefault(HttpStart.CHANNEL, List.of()), since);
    callers.requireWelcomeOrigin(request);
    if (PositionVector.STOP.equals(since)) {
      response.setStatus(HttpStatus.NO_CONTENT.value());
      return;
    }
    switch (callers.decide(request)) {
      case Admission.Admitted(Identity identity) ->
          open(
              request,
              response,
              codec,
              identity,
              asked.with(identity, sessions.maxSubscriptions(), properties.lifetime()),
              List.of());
      case Admission.Refused refused -> refuse(request, response, refused);
    }
  }

  private void streamFrames(HttpServletRequest request, HttpServletResponse response)
      throws IOException, HttpMediaTypeNotAcceptableException {
    requireEventStreamAccepted(request);
    HttpCallers.requireNoTokenInQuery(request.getQueryString());
    QueryParameters.read(request.getQueryString(), List.of());
    FrameRequest asked = FrameRequest.read(request);
    callers.requireWelcomeOrigin(request);
    Identity identity = callers.require(request);
    open(
        request,
        response,
        EventCodec.FRAMES,
        identity,
        asked.start(identity, properties.lifetime()),
        asked.others(identity));
  }

  private void open(
      HttpServletRequest request,
      HttpServletResponse response,
      EventCodec codec,
      Identity identity,
      SessionStart start,
      List<ClientRequest> requests)
      throws IOException {
    asEventStream(response);
    String network = ClientAddress.of(request).network();
    var stream = new EventStream(context, network, codec, identity, start, requests);
    var _ = streams.open(request, EventCodec.retry(), stream);
    callers.accepted();
  }

  private void refuse(
      HttpServletRequest request, HttpServletResponse response, Admission.Refused refused)
      throws IOException {
    callers.refused(refused);
    if (refused.retryAfter() == null || request.getHeader(HttpHeaders.AUTHORIZATION) != null) {
      throw HttpCallers.problem(refused);
    }
    asEventStream(response);
    ByteBuffer later = EventCodec.retryLater();
    response.setContentLength(later.remaining());
    response.getOutputStream().write(later);
  }

  private static void asEventStream(HttpServletResponse response) {
    response.setContentType(MediaType.TEXT_EVENT_STREAM_VALUE);
    // Nothing on the way may keep the stream back, to compress it or to have it whole.
    response.setHeader(HttpHeaders.CACHE_CONTROL, "no-store, no-transform");
    response.setHeader("X-Accel-Buffering", "no");
    response.setHeader("X-Content-Type-Options", "nosniff");
  }

  private static void requireEventStreamAccepted(HttpServletRequest request)
      throws HttpMediaTypeNotAcceptableException {
    List<String> values = Collections.list(request.getHeaders(HttpHeaders.ACCEPT));
    try {
      if (values.isEmpty()
          || MediaType.parseMediaTypes(values).stream()
              .anyMatch(accepted -> accepted.includes(MediaType.TEXT_EVENT_STREAM))) {
        return;
      }
    } catch (InvalidMediaTypeException e) {
      // What cannot be read accepts nothing.
    }
    throw new HttpMediaTypeNotAcceptableException(List.of(MediaType.TEXT_EVENT_STREAM));
  }

  private static EventCodec codec(Map<String, List<String>> query) {
    String format = only(query, FORMAT);
    if (format != null && !format.equals(ENVELOPE)) {
      throw ProblemException.invalid(FORMAT, "must be " + ENVELOPE + " or left out");
    }
    return format == null ? EventCodec.EVENTS : EventCodec.ENVELOPES;
  }

  /** The header, which the browser sets, before what the page kept. Empty: it begins. */
  private static @Nullable String lastEventId(
      HttpServletRequest request, Map<String, List<String>> query) {
    List<String> headers = Collections.list(request.getHeaders(LAST_EVENT_ID));
    String id =
        headers.isEmpty() ? only(query, LAST_EVENT_ID_PARAMETER) : String.join(",", headers);
    return id == null || id.isEmpty() ? null : id;
  }

  static @Nullable String only(Map<String, List<String>> query, String name) {
    List<String> values = query.get(name);
    return values == null ? null : values.getFirst();
  }
}

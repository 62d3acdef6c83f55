package io.heliograph.protocol.http;

import io.heliograph.client.Admission;
import io.heliograph.client.Caller;
import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import io.heliograph.server.HandshakeOutcome;
import io.heliograph.server.HandshakeResponses;
import io.heliograph.session.Identity;
import io.heliograph.session.TransportInfo;
import io.heliograph.web.BearerToken;
import io.heliograph.web.ClientAddress;
import io.heliograph.web.OriginPolicy;
import jakarta.servlet.http.HttpServletRequest;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The callers of streams and polls, and how a refusal is counted and answered. */
final class HttpCallers {

  private static final Logger log = LoggerFactory.getLogger(HttpCallers.class);

  private static final Pattern TOKEN_PARAMETER =
      Pattern.compile("(?i)(^|&)(access_?)?(token|authorization|bearer)=");

  private final Admission admission;
  private final OriginPolicy origins;
  private final HandshakeResponses handshakes;

  /**
   * @param info of the transport that is asked for
   */
  HttpCallers(
      Admission admission,
      OriginPolicy origins,
      HandshakeResponses handshakes,
      TransportInfo info) {
    this.admission = admission;
    this.origins = origins;
    this.handshakes = handshakes.of(info.protocol(), info.kind());
  }

  /** By the token in the header, or else in the cookie. */
  Admission.Decision decide(HttpServletRequest request) {
    String token = BearerToken.of(request);
    return admission.decide(caller(request, token == null ? cookie(request) : token));
  }

  /**
   * The token of the cookie, which is for clients that cannot send a header. It counts for a GET
   * only: a client that sends frames authenticates in them, or is anonymous. The browser adds the
   * cookie to every request of the same site, images too, so the request must come from a page that
   * may call, or from a browser too old to send {@code Sec-Fetch-Site}.
   */
  private @Nullable String cookie(HttpServletRequest request) {
    boolean mayUseCookie =
        origins.judge(request).isWelcomePage() || request.getHeader("Sec-Fetch-Site") == null;
    return mayUseCookie && request.getMethod().equals("GET") ? TokenCookie.of(request) : null;
  }

  /**
   * Who may come in.
   *
   * @throws ProblemException for the others
   */
  Identity require(HttpServletRequest request) {
    return switch (decide(request)) {
      case Admission.Admitted(Identity identity) -> identity;
      case Admission.Refused refused -> {
        refused(refused);
        throw problem(refused);
      }
    };
  }

  /** About the token in the header, which is to be kept in the cookie. */
  Admission.Decision decideToKeep(HttpServletRequest request, @Nullable String token) {
    return admission.decideToKeep(caller(request, token));
  }

  private Caller caller(HttpServletRequest request, @Nullable String token) {
    return new Caller(ClientAddress.of(request), origins.judge(request), token);
  }

  /**
   * @throws ProblemException when the request comes from a page that may not call
   */
  void requireWelcomeOrigin(HttpServletRequest request) {
    switch (origins.judge(request)) {
      case FOREIGN ->
          throw new ProblemException(ProblemType.ORIGIN_NOT_ALLOWED, Admission.FOREIGN_PAGE);
      case WRONG_HOST ->
          throw new ProblemException(ProblemType.WRONG_HOST, ProblemType.WRONG_HOST.description());
      case OWN, ALLOWED, NO_ORIGIN -> {}
    }
  }

  void accepted() {
    handshakes.count(HandshakeOutcome.ACCEPTED);
  }

  /** Counts and logs a refusal; nothing in the log line comes from the client. */
  void refused(Admission.Refused refused) {
    HandshakeOutcome outcome = HandshakeOutcome.of(refused.problem());
    handshakes.count(outcome);
    log.info("Request for a session refused: {}", outcome.tag());
  }

  static ProblemException problem(Admission.Refused refused) {
    var problem = new ProblemException(refused.problem(), refused.detail());
    return refused.retryAfter() == null ? problem : problem.retryAfter(refused.retryAfter());
  }

  /**
   * @throws ProblemException when the request has a body: nothing here reads one
   */
  static void requireNoBody(HttpServletRequest request) {
    if (request.getContentLengthLong() > 0 || request.getHeader("Transfer-Encoding") != null) {
      throw new ProblemException(
          ProblemType.INVALID_REQUEST, "This request must not have a body; send it without one.");
    }
  }

  /**
   * @throws ProblemException when a token is in the URL, where everybody on the way logs it
   */
  static void requireNoTokenInQuery(@Nullable String query) {
    if (query != null && TOKEN_PARAMETER.matcher(query).find()) {
      throw new ProblemException(
          ProblemType.INVALID_REQUEST,
          "A token must not be in the URL, because URLs are logged: send Authorization: Bearer, or"
              + " set the cookie with POST.");
    }
  }
}

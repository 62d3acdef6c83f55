package io.heliograph.login.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.heliograph.hub.Drain;
import io.heliograph.idempotency.IdempotencyKeys;
import io.heliograph.login.AppQrProvider;
import io.heliograph.login.BearerSecrets;
import io.heliograph.login.BrowserLogins;
import io.heliograph.login.BrowserLogins.Issued;
import io.heliograph.login.BrowserLogins.Requester;
import io.heliograph.login.Grants;
import io.heliograph.login.LoginLimits;
import io.heliograph.login.LoginProblems;
import io.heliograph.login.LoginSnapshot;
import io.heliograph.login.PhoneLogins;
import io.heliograph.login.Refusal;
import io.heliograph.login.Ticket;
import io.heliograph.login.TicketState;
import io.heliograph.login.Tickets;
import io.heliograph.login.web.IdempotentCreation.Answer;
import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import io.heliograph.web.ClientAddress;
import io.heliograph.web.MaxBody;
import io.heliograph.web.WaitLimit;
import io.heliograph.web.WaitProperties;
import io.micrometer.core.instrument.MeterRegistry;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.availability.AvailabilityChangeEvent;
import org.springframework.boot.availability.ReadinessState;
import org.springframework.context.event.EventListener;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.DeleteMapping;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * The browser's endpoints of a login. A wrong watch token gets the same answer as an unknown
 * ticket.
 */
@RestController
@RequestMapping("/v1/logins")
@MaxBody(LoginController.MAX_BODY)
class LoginController {

  static final long MAX_BODY = 16 * 1024;
  private static final long MAX_WAIT_SECONDS = 25;
  private static final Duration MINUTE = Duration.ofMinutes(1);

  record CreateRequest(
      @Nullable String provider,
      @Nullable String challenge,
      @Nullable String challengeMethod,
      @Nullable Hint clientHint) {}

  record Hint(@Nullable String label) {}

  record RefreshRequest(
      @Nullable Boolean auto, @Nullable Boolean force, @Nullable String challenge) {}

  record ExchangeRequest(@Nullable String verifier) {}

  record Collected(String grantCode, long expiresIn) {}

  record Code(String content, String svg, String ecc, int size) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Created(
      String ticket,
      String watchToken,
      TicketState state,
      int version,
      Instant expiresAt,
      Instant serverTime,
      @Nullable Integer matchCode,
      Code qr,
      String ws,
      long pollInterval,
      @Nullable String replaces) {}

  private final BrowserLogins logins;
  private final PhoneLogins service;
  private final Tickets tickets;
  private final LoginLimits limits;
  private final LoginRequestContext callers;
  private final Grants grants;
  private final IdempotentCreation creations;
  private final String socketPath;
  private final Drain drain;
  private final WaitLimit waits;

  /** The waiting polls, each with the ticket that the poll started from. */
  private final Map<CompletableFuture<Ticket>, Ticket> polls = new ConcurrentHashMap<>();

  LoginController(
      BrowserLogins logins,
      PhoneLogins service,
      Tickets tickets,
      LoginLimits limits,
      LoginRequestContext callers,
      Grants grants,
      IdempotentCreation creations,
      @org.springframework.beans.factory.annotation.Value("${heliograph.websocket.path:/ws}")
          String socketPath,
      Drain drain,
      WaitProperties waits,
      MeterRegistry meters) {
    this.logins = logins;
    this.service = service;
    this.tickets = tickets;
    this.limits = limits;
    this.callers = callers;
    this.grants = grants;
    this.creations = creations;
    this.socketPath = socketPath;
    this.drain = drain;
    this.waits = new WaitLimit("login", waits.loginWaitsPerAddress(), waits.loginWaits(), meters);
  }

  @PostMapping
  ResponseEntity<Created> create(
      @RequestBody CreateRequest body,
      @RequestHeader(name = IdempotencyKeys.HEADER, required = false) @Nullable String key,
      HttpServletRequest request) {
    callers.requireAdmission(request);
    String provider = body.provider() == null ? AppQrProvider.ID : body.provider();
    if (!logins.knows(provider)) {
      throw ProblemException.invalid(
          "/provider", "is not a configured login provider; app is always available");
    }
    String challenge = challenge(body.challenge());
    if (body.challengeMethod() != null && !body.challengeMethod().equals("S256")) {
      throw ProblemException.invalid("/challengeMethod", "has to be S256");
    }
    requireCreation(request);
    return creations.once(
        IdempotencyKeys.read(key),
        LoginRequestContext.network(request),
        body.toString(),
        () -> {
          Requester requester =
              callers.requester(
                  request, body.clientHint() == null ? null : body.clientHint().label());
          return new Answer(
              created(logins.create(provider, challenge, requester), null), requester.cookie());
        },
        LoginController::answer);
  }

  @GetMapping("/{ticket}")
  CompletableFuture<ResponseEntity<LoginSnapshot>> state(
      @PathVariable String ticket,
      @RequestParam(required = false) @Nullable Integer after,
      @RequestParam(defaultValue = "0") long wait,
      HttpServletRequest request) {
    if (wait < 0 || wait > MAX_WAIT_SECONDS) {
      throw ProblemException.invalid("wait", "has to be 0 to " + MAX_WAIT_SECONDS + " seconds");
    }
    // A long poll counts too: it returns at once when the ticket has another version, or when a
    // newer poll of the same ticket replaces it.
    Ticket seen = requireWatched(ticket, request, LoginLimits::poll);
    boolean waits =
        wait > 0
            && !drain.isDraining()
            && after != null
            && after >= seen.version()
            && !seen.state().isFinal();
    return waits
        ? waited(seen, Duration.ofSeconds(wait), ClientAddress.of(request).network())
            .thenApply(now -> state(now, after))
        : CompletableFuture.completedFuture(state(seen, after));
  }

  @SuppressWarnings("CollectionUndefinedEquality") // by identity
  private CompletableFuture<Ticket> waited(Ticket seen, Duration wait, String address) {
    WaitLimit.Place place = waits.enter(address);
    CompletableFuture<Ticket> next = tickets.next(seen, wait);
    polls.put(next, seen);
    return next.whenComplete(
        (_, _) -> {
          polls.remove(next);
          place.close();
        });
  }

  /**
   * Answers all long polls when the node stops, so that the shutdown does not wait for their
   * timeouts.
   */
  @EventListener
  void answerPolls(AvailabilityChangeEvent<ReadinessState> event) {
    if (event.getState() == ReadinessState.REFUSING_TRAFFIC) {
      polls.forEach(CompletableFuture::complete);
    }
  }

  private ResponseEntity<LoginSnapshot> state(Ticket ticket, @Nullable Integer after) {
    LoginSnapshot snapshot = LoginSnapshot.of(ticket, tickets.store().now());
    if (snapshot.last()) {
      ProblemException gone =
          LoginProblems.of(Refusal.GONE, ticket.state(), 0)
              .with("version", snapshot.version())
              .with("at", snapshot.at())
              .with("final", true);
      throw snapshot.reason() == null ? gone : gone.with("reason", snapshot.reason());
    }
    boolean unchanged = after != null && after >= ticket.version();
    ResponseEntity.BodyBuilder answer =
        ResponseEntity.status(unchanged ? HttpStatus.NOT_MODIFIED : HttpStatus.OK)
            .cacheControl(CacheControl.noStore())
            .eTag("\"" + ticket.version() + "\"");
    return unchanged ? answer.build() : answer.body(snapshot);
  }

  @GetMapping("/{ticket}/image.svg")
  ResponseEntity<byte[]> svg(@PathVariable String ticket, HttpServletRequest request) {
    Ticket shown = requireShown(ticket, request);
    byte[] svg =
        new QrImage(shown.terms().content())
            .svg()
            .getBytes(java.nio.charset.StandardCharsets.UTF_8);
    return image(MediaType.parseMediaType("image/svg+xml"), svg);
  }

  @GetMapping("/{ticket}/image.png")
  ResponseEntity<byte[]> png(
      @PathVariable String ticket,
      @RequestParam(defaultValue = "8") String scale,
      HttpServletRequest request) {
    Ticket shown = requireShown(ticket, request);
    if (!scale.matches("[1-9]|1[0-6]")) {
      throw new ProblemException(
          ProblemType.UNPROCESSABLE,
          "scale has to be a whole number from 1 to " + QrImage.MAX_SCALE + ".");
    }
    return image(
        MediaType.IMAGE_PNG, new QrImage(shown.terms().content()).png(Integer.parseInt(scale)));
  }

  private static ResponseEntity<byte[]> image(MediaType type, byte[] bytes) {
    return ResponseEntity.ok()
        .contentType(type)
        .cacheControl(CacheControl.noStore())
        .header("Content-Security-Policy", "default-src 'none'")
        .body(bytes);
  }

  @PostMapping("/{ticket}/refresh")
  ResponseEntity<Created> refresh(
      @PathVariable String ticket, @RequestBody RefreshRequest body, HttpServletRequest request) {
    callers.requireOrigin(request);
    String challenge = challenge(body.challenge());
    Ticket old = requireWatched(ticket, request);
    requireCreation(request);
    Requester requester = callers.requester(request, old.terms().label());
    Issued fresh =
        logins.refresh(
            old,
            Boolean.TRUE.equals(body.auto()),
            Boolean.TRUE.equals(body.force()),
            challenge,
            requester);
    return answer(new Answer(created(fresh, ticket), requester.cookie()));
  }

  /**
   * @param unscanned end the ticket only if no phone has scanned it. A page that is closed cannot
   *     know whether the phone's user has just confirmed
   */
  @DeleteMapping("/{ticket}")
  ResponseEntity<Void> cancel(
      @PathVariable String ticket,
      @RequestParam(defaultValue = "false") boolean unscanned,
      HttpServletRequest request) {
    callers.requireOrigin(request);
    logins.cancel(requireWatched(ticket, request), unscanned);
    return ResponseEntity.noContent().cacheControl(CacheControl.noStore()).build();
  }

  @PostMapping("/{ticket}/exchange")
  ResponseEntity<Collected> exchange(
      @PathVariable String ticket, @RequestBody ExchangeRequest body, HttpServletRequest request) {
    callers.requireOrigin(request);
    if (body.verifier() == null || !BearerSecrets.FORM.matcher(body.verifier()).matches()) {
      throw ProblemException.invalid(
          "/verifier", "has to be 43 characters of base64url (RFC 7636)");
    }
    Ticket seen = requireWatched(ticket, request);
    String code = grants.collect(seen, body.verifier(), LoginRequestContext.cookie(request));
    return ResponseEntity.ok()
        .cacheControl(CacheControl.noStore())
        .body(new Collected(code, Grants.LIFE.toSeconds()));
  }

  private static String challenge(@Nullable String challenge) {
    if (challenge == null || !BearerSecrets.FORM.matcher(challenge).matches()) {
      throw ProblemException.invalid(
          "/challenge",
          "has to be 43 characters of base64url: the SHA-256 of the verifier (RFC 7636)");
    }
    return challenge;
  }

  private Created created(Issued issued, @Nullable String replaces) {
    Ticket ticket = issued.ticket();
    limits.proved(ticket.id(), issued.watchToken());
    QrImage image = new QrImage(ticket.terms().content());
    return new Created(
        ticket.id(),
        issued.watchToken(),
        ticket.state(),
        ticket.version(),
        ticket.deadline(),
        tickets.store().now(),
        ticket.terms().matchCode(),
        new Code(ticket.terms().content(), image.svg(), QrImage.ERROR_CORRECTION, image.size()),
        socketPath,
        LoginLimits.POLL_INTERVAL.toSeconds(),
        replaces);
  }

  private static ResponseEntity<Created> answer(Answer answer) {
    return ResponseEntity.created(URI.create("/v1/logins/" + answer.created().ticket()))
        .cacheControl(CacheControl.noStore())
        .header(
            HttpHeaders.SET_COOKIE, LoginRequestContext.cookieHeader(answer.cookie()).toString())
        .body(answer.created());
  }

  private void requireCreation(HttpServletRequest request) {
    if (!limits.mayCreate(LoginRequestContext.network(request))) {
      throw new ProblemException(
              ProblemType.RATE_LIMITED,
              "This address has requested too many codes within a minute; send the request again"
                  + " after Retry-After seconds.")
          .retryAfter(MINUTE);
    }
  }

  private interface Count {
    LoginLimits.Admission of(LoginLimits limits, String ticket, String secret, String address);
  }

  private Ticket requireWatched(String ticket, HttpServletRequest request) {
    return requireWatched(ticket, request, LoginLimits::call);
  }

  /** Returns the ticket if the request has its watch token. Counted before the store is read. */
  private Ticket requireWatched(String ticket, HttpServletRequest request, Count count) {
    String token = LoginRequestContext.bearer(request);
    if (token == null) {
      throw missed(request);
    }
    LoginProblems.require(count.of(limits, ticket, token, LoginRequestContext.network(request)));
    Ticket watched = service.watched(ticket, token).orElseThrow(() -> missed(request));
    limits.proved(ticket, token);
    return watched;
  }

  /** Also accepts the browser's cookie, because an {@code <img>} cannot send a header. */
  private Ticket requireShown(String id, HttpServletRequest request) {
    String cookie = LoginRequestContext.cookie(request);
    Ticket ticket =
        cookie == null || LoginRequestContext.bearer(request) != null
            ? requireWatched(id, request)
            : requireOwn(id, cookie, request);
    if (ticket.state().isFinal()) {
      throw LoginProblems.of(Refusal.GONE, ticket.state(), 0);
    }
    return ticket;
  }

  private Ticket requireOwn(String id, String cookie, HttpServletRequest request) {
    LoginProblems.require(limits.call(id, cookie, LoginRequestContext.network(request)));
    Ticket own =
        tickets
            .find(id)
            .filter(t -> BearerSecrets.same(t.terms().browserHash(), BearerSecrets.hash(cookie)))
            .orElseThrow(() -> missed(request));
    limits.proved(id, cookie);
    return own;
  }

  private ProblemException missed(HttpServletRequest request) {
    return LoginProblems.missed(limits.mayMiss(LoginRequestContext.network(request)));
  }
}

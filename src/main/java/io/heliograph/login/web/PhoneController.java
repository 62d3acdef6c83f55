package io.heliograph.login.web;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.heliograph.login.AppQrProvider;
import io.heliograph.login.BearerSecrets;
import io.heliograph.login.LoginLimits;
import io.heliograph.login.LoginOutcome;
import io.heliograph.login.LoginProblems;
import io.heliograph.login.PhoneLogins;
import io.heliograph.login.Place;
import io.heliograph.login.Refusal;
import io.heliograph.login.Ticket;
import io.heliograph.login.TicketEvent.Phone;
import io.heliograph.login.TicketState;
import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import io.heliograph.security.ApiKey;
import io.heliograph.security.ApiKeys;
import io.heliograph.security.Scope;
import io.heliograph.web.ClientAddress;
import io.heliograph.web.MaxBody;
import jakarta.servlet.http.HttpServletRequest;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestMapping;
import org.springframework.web.bind.annotation.RestController;

/**
 * The phone's endpoints of a login: for the confirm page, with a phone token, or for the site's
 * backend, with an API key and the user's id.
 */
@RestController
@RequestMapping("/v1/logins/{ticket}")
@MaxBody(LoginController.MAX_BODY)
class PhoneController {

  /**
   * @param ip the phone's address, as seen by the site's backend
   */
  record PhoneRequest(
      @Nullable String subject,
      @Nullable String phoneToken,
      @Nullable Integer matchCode,
      @Nullable Boolean report,
      @Nullable String ip,
      @Nullable String country) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Device(
      String label,
      @Nullable String ip,
      @Nullable String city,
      @Nullable String country,
      String browser,
      Instant requestedAt) {}

  @JsonInclude(JsonInclude.Include.NON_NULL)
  record Scanned(
      TicketState state,
      @Nullable String phoneToken,
      Device device,
      String site,
      List<Integer> choices,
      boolean locationMismatch,
      Instant confirmBy) {}

  record Confirmed(String state) {}

  private final PhoneLogins service;
  private final LoginLimits limits;
  private final LoginRequestContext callers;

  PhoneController(PhoneLogins service, LoginLimits limits, LoginRequestContext callers) {
    this.service = service;
    this.limits = limits;
    this.callers = callers;
  }

  @PostMapping("/scan")
  ResponseEntity<Scanned> scan(
      @PathVariable String ticket, @RequestBody PhoneRequest body, HttpServletRequest request) {
    Phone phone = phone(ticket, body, request);
    Place place = place(body, request);
    String token = body.phoneToken();
    if (phone.subject() != null) {
      LoginOutcome outcome =
          service.scan(ticket, phone.subject(), null, AppQrProvider.ID, place, false);
      token = done(outcome, ticket, body, request).phoneToken();
    }
    Ticket seen =
        (phone.subject() == null && token != null
                ? service.claimedBy(ticket, token)
                : service.find(ticket))
            .orElseThrow(() -> missed(request));
    proved(ticket, body, request);
    if (seen.state().isFinal()) {
      throw LoginProblems.of(Refusal.GONE, seen.state(), 0);
    }
    LoginOutcome.Context context = PhoneLogins.context(seen, place);
    Device device =
        new Device(
            context.label(),
            context.ip(),
            context.city(),
            context.country(),
            context.browser(),
            context.requestedAt());
    return ResponseEntity.ok()
        .cacheControl(CacheControl.noStore())
        .body(
            new Scanned(
                seen.state(),
                token,
                device,
                context.site(),
                context.choices(),
                context.locationMismatch(),
                context.confirmBy()));
  }

  @PostMapping("/confirm")
  ResponseEntity<Confirmed> confirm(
      @PathVariable String ticket, @RequestBody PhoneRequest body, HttpServletRequest request) {
    Phone phone = phone(ticket, body, request);
    done(
        service.confirm(ticket, phone, body.matchCode(), place(body, request)),
        ticket,
        body,
        request);
    // The same answer each time, also after the browser has collected.
    return ResponseEntity.ok()
        .cacheControl(CacheControl.noStore())
        .body(new Confirmed(TicketState.CONFIRMED.name()));
  }

  @PostMapping("/deny")
  ResponseEntity<Void> deny(
      @PathVariable String ticket, @RequestBody PhoneRequest body, HttpServletRequest request) {
    Phone phone = phone(ticket, body, request);
    done(service.deny(ticket, phone, Boolean.TRUE.equals(body.report())), ticket, body, request);
    return ResponseEntity.noContent().cacheControl(CacheControl.noStore()).build();
  }

  private LoginOutcome.Done done(
      LoginOutcome outcome, String ticket, PhoneRequest body, HttpServletRequest request) {
    if (outcome instanceof LoginOutcome.Refused(Refusal why, _, _) && why == Refusal.UNKNOWN) {
      throw missed(request);
    }
    proved(ticket, body, request);
    return switch (outcome) {
      case LoginOutcome.Done done -> done;
      case LoginOutcome.Refused refused -> throw LoginProblems.of(refused);
    };
  }

  private void proved(String ticket, PhoneRequest body, HttpServletRequest request) {
    if (body.phoneToken() != null && ApiKey.of(request) == null) {
      limits.proved(ticket, body.phoneToken());
    }
  }

  /** Decided without reading the ticket, so that the answer reveals nothing about it. */
  private Phone phone(String ticket, PhoneRequest body, HttpServletRequest request) {
    callers.requireOrigin(request);
    ApiKey key = ApiKey.of(request);
    if (key != null && !key.may(Scope.LOGIN)) {
      throw new ProblemException(
          ProblemType.FORBIDDEN,
          "The API key lacks the scope login; its scopes are set in heliograph.security.api-keys.");
    }
    String subject = key == null ? null : body.subject();
    if (subject != null && (subject.isBlank() || subject.length() > 128)) {
      throw ProblemException.invalid("/subject", "has to have 1 to 128 characters");
    }
    String token = body.phoneToken();
    if (subject == null && token == null) {
      if (key != null) {
        throw ProblemException.invalid(
            "/subject", "is missing; send the id of the user who scanned the code");
      }
      if (request.getHeader(HttpHeaders.AUTHORIZATION) != null) {
        throw ApiKeys.unauthenticated(request);
      }
      throw new ProblemException(
          ProblemType.UNAUTHENTICATED,
          "Missing API key or phoneToken: a backend sends Authorization: Bearer <key>, the confirm"
              + " page its phoneToken.");
    }
    if (subject == null && key == null && token != null) {
      LoginProblems.require(limits.call(ticket, token, LoginRequestContext.network(request)));
    }
    return new Phone(token == null ? null : BearerSecrets.hash(token), subject, false);
  }

  /** A backend's own address is not used, because the phone is elsewhere. */
  private Place place(PhoneRequest body, HttpServletRequest request) {
    return ApiKey.of(request) == null
        ? callers.place(request)
        : body.ip() == null && body.country() == null
            ? Place.UNKNOWN
            : new Place(address(body.ip()), body.country(), null);
  }

  private static @Nullable String address(@Nullable String ip) {
    ClientAddress address = ClientAddress.parse(ip);
    if (ip != null && address == null) {
      throw ProblemException.invalid("/ip", "has to be an IP address, such as 192.0.2.7");
    }
    return address == null ? null : address.text();
  }

  private ProblemException missed(HttpServletRequest request) {
    return LoginProblems.missed(
        ApiKey.of(request) != null || limits.mayMiss(LoginRequestContext.network(request)));
  }
}

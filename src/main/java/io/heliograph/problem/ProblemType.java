package io.heliograph.problem;

import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Every problem that a caller can be told of: its slug, which is the constant's name, its status
 * and its title.
 */
public enum ProblemType {
  INVALID_REQUEST(
      400,
      "The request is not valid",
      "A field, parameter or header breaks its rule; errors says which."),
  NOT_FOUND(404, "There is nothing here", "No such resource, or none that you may know of."),
  METHOD_NOT_ALLOWED(
      405, "Method not allowed", "The resource is there; the Allow header has its methods."),
  NOT_ACCEPTABLE(
      406, "No acceptable answer", "The Accept header excludes every form that this resource has."),
  REQUEST_TIMEOUT(408, "The request came too slowly", "The request did not arrive in time."),
  CONFLICT(
      409,
      "The request conflicts with the present state",
      "Look at the resource and decide again."),
  PAYLOAD_TOO_LARGE(
      413, "The body is too large", "Send less at once; the detail says how much is taken."),
  URI_TOO_LONG(414, "The address is too long", "Shorten the path or query."),
  UNSUPPORTED_MEDIA_TYPE(
      415,
      "Unsupported media type",
      "Send what the Accept header of the answer lists, as a rule JSON."),
  UNPROCESSABLE(
      422,
      "The request cannot be followed",
      "It is well formed, yet asks for something that cannot be."),
  UPGRADE_REQUIRED(426, "Upgrade required", "This address speaks WebSocket, version 13."),
  HEADERS_TOO_LARGE(
      431, "The headers are too large", "All headers together are limited to 16 KiB."),
  INTERNAL_ERROR(
      500,
      "Something went wrong here",
      "Not the caller's fault; the instance finds it in the log."),
  UNAUTHENTICATED(
      401, "Who is asking?", "Send Authorization: Bearer with an API key that is known here."),
  TOKEN_REFUSED(
      401,
      "The browser token was refused",
      "Nothing has changed; the detail says why, ask your backend for another token."),
  FORBIDDEN(
      403,
      "Not allowed",
      "Who asks is known, but may not do this; an API key needs the scope that the detail names."),
  ORIGIN_NOT_ALLOWED(403, "Origin not allowed", "Pages of this origin may not call this service."),
  WRONG_HOST(
      421,
      "Wrong host",
      "The request's host is not one of this service's names, heliograph.server.hosts."),
  BROKER_UNAVAILABLE(
      503,
      "The broker cannot be reached",
      "Nothing was accepted; ask again after Retry-After seconds."),
  HTTP_VERSION_NOT_SUPPORTED(
      505, "HTTP version not supported", "This service speaks HTTP/1.1 and HTTP/1.0."),
  UNAVAILABLE(503, "Not available at the moment", "Ask again after Retry-After seconds."),
  TOO_MANY_SUBSCRIPTIONS(
      429, "Too many subscriptions", "Unsubscribe from something first; the detail has the limit."),
  SUBSCRIPTION_EXPIRED(401, "The right to follow has ended", "Subscribe again with a fresh token."),
  NOT_FOLLOWING(409, "This channel is not followed", "Nothing was changed."),
  NOT_SENT(
      409, "Nothing of the kind was sent", "Acknowledge positions that this session was sent."),
  IDEMPOTENCY_KEY_MISSING(400, "Idempotency-Key is missing", "This call needs one."),
  IDEMPOTENCY_KEY_REUSED(
      422, "Idempotency-Key was used for another request", "Make a new key for each new request."),
  IDEMPOTENCY_KEY_IN_PROGRESS(
      409, "The same request is under way", "Wait for its answer, then ask again."),
  CALLBACK_UNAUTHENTICATED(401, "The callback is not authentic", "One answer for all causes."),
  BROWSER_BINDING_FAILED(
      403,
      "Not the browser that began the login",
      "Only the browser that asked for the code can collect the login."),
  SUBJECT_MISMATCH(
      403, "Another user scanned this code", "Only who scanned a code can decide on it."),
  PROXIMITY_REQUIRED(
      403, "Phone and browser are too far apart", "The login's policy wants them near each other."),
  MATCH_CODE_WRONG(
      403,
      "The match code is wrong",
      "Choose the number that the browser shows; attemptsLeft says how often still."),
  TICKET_NOT_FOUND(404, "No such ticket", "Unknown, or not yours."),
  GRANT_NOT_FOUND(404, "No such grant", "Unknown, used or expired; the answer is the same."),
  TICKET_NOT_CONFIRMED(
      409, "The ticket is not confirmed", "The phone has not said yes; state says where it is."),
  TICKET_ALREADY_CLAIMED(
      409, "The ticket is already claimed", "Somebody else scanned this code first."),
  TICKET_IN_USE(409, "The ticket is in use", "It was scanned already; wait, or force a new one."),
  GRANT_ALREADY_ISSUED(409, "The grant was already issued", "A ticket gives one grant."),
  TICKET_GONE(410, "The ticket is over", "It ended; state says how. Ask for a new one."),
  SOURCE_GONE(410, "The source was retired", "Callbacks of this source are no longer taken."),
  UNSUPPORTED_EVENT(
      422, "Unsupported event", "This type of event is not known or not allowed for the source."),
  RATE_LIMITED(429, "Too many requests", "Ask again after Retry-After seconds."),
  SLOW_DOWN(
      429, "Polling too fast", "Ask again after Retry-After seconds, and less often from then on."),
  REFRESH_LIMIT(429, "The code was refreshed too often", "A person has to ask for the next one."),
  TOO_MANY_TICKETS(
      429, "Too many open tickets", "Finish or cancel one, or wait until one expires."),
  PROVIDER_UNAVAILABLE(
      503, "The login provider cannot be reached", "Ask again after Retry-After seconds."),
  STORE_UNAVAILABLE(
      503,
      "The store cannot be reached",
      "Nothing was changed; ask again after Retry-After seconds.");

  private static final Map<String, ProblemType> TYPES_BY_SLUG =
      Stream.of(values()).collect(Collectors.toUnmodifiableMap(ProblemType::slug, type -> type));

  private final int status;
  private final String title;
  private final String description;

  ProblemType(int status, String title, String description) {
    this.status = status;
    this.title = title;
    this.description = description;
  }

  public int status() {
    return status;
  }

  public String title() {
    return title;
  }

  /** What it means and what to do, the same for every occurrence. */
  public String description() {
    return description;
  }

  public String slug() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** {@code /problems/<slug>}, where a page describes it. */
  public URI uri() {
    return URI.create("/problems/" + slug());
  }

  public static @Nullable ProblemType of(String slug) {
    return TYPES_BY_SLUG.get(slug);
  }

  /** The nearest for a status that a library chose; what is unknown is our fault. */
  public static ProblemType ofStatus(int status) {
    return switch (status) {
      case 401 -> UNAUTHENTICATED;
      case 403 -> FORBIDDEN;
      case 404 -> NOT_FOUND;
      case 405 -> METHOD_NOT_ALLOWED;
      case 406 -> NOT_ACCEPTABLE;
      case 408 -> REQUEST_TIMEOUT;
      case 409 -> CONFLICT;
      case 413 -> PAYLOAD_TOO_LARGE;
      case 414 -> URI_TOO_LONG;
      case 415 -> UNSUPPORTED_MEDIA_TYPE;
      case 421 -> WRONG_HOST;
      case 422 -> UNPROCESSABLE;
      case 426 -> UPGRADE_REQUIRED;
      case 429 -> RATE_LIMITED;
      case 431 -> HEADERS_TOO_LARGE;
      case 503 -> UNAVAILABLE;
      case 505 -> HTTP_VERSION_NOT_SUPPORTED;
      default -> status >= 400 && status < 500 ? INVALID_REQUEST : INTERNAL_ERROR;
    };
  }
}

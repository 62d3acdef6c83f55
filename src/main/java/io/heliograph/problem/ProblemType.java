package io.heliograph.problem;

import java.net.URI;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The problem types (RFC 9457) of REST answers, handshakes and error frames: slug (the constant's
 * name), status, and a title that is the same for every occurrence. What is particular to an
 * occurrence is its detail.
 */
public enum ProblemType {
  INVALID_REQUEST(
      400,
      "Invalid request",
      "A field, a parameter, a header or the path of the request is not valid. The member errors,"
          + " where present, lists the fields."),
  NOT_FOUND(
      404,
      "Not found",
      "The resource does not exist, or the caller has no access to it. Check the path."),
  METHOD_NOT_ALLOWED(
      405,
      "Method not allowed",
      "The resource exists but does not have this method; the Allow header lists its methods."),
  NOT_ACCEPTABLE(
      406,
      "Not acceptable",
      "The Accept header excludes every form of this resource. Send Accept: application/json, or"
          + " none."),
  REQUEST_TIMEOUT(
      408,
      "Request timeout",
      "The request did not arrive completely in time. Send it again, without pauses."),
  CONFLICT(
      409,
      "Conflict",
      "The request conflicts with the current state of the resource. Read the resource and decide"
          + " again."),
  PAYLOAD_TOO_LARGE(
      413, "Payload too large", "The body or a field has more bytes than this call accepts."),
  URI_TOO_LONG(
      414, "URI too long", "The path and query are longer than this server takes. Shorten them."),
  UNSUPPORTED_MEDIA_TYPE(
      415,
      "Unsupported media type",
      "The Content-Type or Content-Encoding is not supported. Send application/json in UTF-8, not"
          + " compressed."),
  UNPROCESSABLE(
      422,
      "Unprocessable request",
      "The request is well formed but asks for something that is not possible."),
  UPGRADE_REQUIRED(
      426,
      "Upgrade required",
      "This address takes only WebSocket handshakes of version 13 (RFC 6455)."),
  HEADERS_TOO_LARGE(
      431, "Headers too large", "All headers of a request together may have at most 16 KiB."),
  INTERNAL_ERROR(
      500,
      "Internal error",
      "The server failed; the request may be valid. The server's log has the cause under the id in"
          + " instance."),
  UNAUTHENTICATED(
      401,
      "Not authenticated",
      "The call needs the header Authorization: Bearer <API key or token>; the header is missing"
          + " or malformed, or its key is unknown."),
  TOKEN_REFUSED(
      401,
      "Token refused",
      "The token is not valid and the session is unchanged; the detail has the reason. Get a new"
          + " token from the backend."),
  FORBIDDEN(
      403,
      "Forbidden",
      "The caller is known but lacks the right for this call: a scope of its API key, or a token"
          + " for the channel."),
  ORIGIN_NOT_ALLOWED(
      403,
      "Origin not allowed",
      "Pages of this origin may not call this service; heliograph.websocket.allowed-origins lists"
          + " those that may."),
  WRONG_HOST(
      421,
      "Wrong host",
      "The Host header is not a name of this service; heliograph.server.hosts lists its names."),
  BROKER_UNAVAILABLE(
      503,
      "Broker unavailable",
      "The broker does not answer and nothing was accepted. Send the request again after"
          + " Retry-After seconds."),
  HTTP_VERSION_NOT_SUPPORTED(505, "HTTP version not supported", "Use HTTP/1.1 or HTTP/1.0."),
  UNAVAILABLE(
      503,
      "Temporarily unavailable",
      "The node cannot take the request now. Send it again after Retry-After seconds."),
  TOO_MANY_SUBSCRIPTIONS(
      429,
      "Too many subscriptions",
      "The session has as many subscriptions as it may have; the detail has the limit. Unsubscribe"
          + " from a channel first."),
  SUBSCRIPTION_EXPIRED(
      401,
      "Subscription expired",
      "The token of the subscription has expired. Subscribe again with a new token."),
  NOT_FOLLOWING(
      409,
      "Not subscribed",
      "The session has no subscription to this channel that it could end; nothing was changed."),
  NOT_SENT(
      409,
      "Position not sent",
      "The acknowledged position was not sent to this session. Acknowledge positions of received"
          + " messages."),
  IDEMPOTENCY_KEY_MISSING(
      400,
      "Missing Idempotency-Key",
      "This call needs the header Idempotency-Key, a new one for each new request."),
  IDEMPOTENCY_KEY_REUSED(
      422,
      "Idempotency key reused",
      "The idempotency key or id belongs to an earlier request with another content. Use a new key"
          + " for each new request."),
  IDEMPOTENCY_KEY_IN_PROGRESS(
      409,
      "Request in progress",
      "A request with the same idempotency key or id is not finished. Send it again after"
          + " Retry-After seconds."),
  CALLBACK_UNAUTHENTICATED(
      401,
      "Callback not authenticated",
      "The signature, timestamp or id of the callback is missing or wrong. The answer is the same"
          + " for all causes; the server's metrics tell them apart."),
  BROWSER_BINDING_FAILED(
      403,
      "Wrong browser",
      "The call has to carry the cookie or secret of the browser that started the login."),
  SUBJECT_MISMATCH(
      403,
      "Scanned by another user",
      "Only the user who scanned the code can confirm or deny the login."),
  PROXIMITY_REQUIRED(
      403,
      "Phone and browser too far apart",
      "The login requires that phone and browser are in the same country."),
  MATCH_CODE_WRONG(
      403,
      "Wrong match code",
      "Send the number that the browser shows; attemptsLeft is how many attempts are left."),
  TICKET_NOT_FOUND(
      404,
      "Ticket not found",
      "The ticket does not exist, or its secret is wrong; the answer is the same for both."),
  GRANT_NOT_FOUND(
      404,
      "Grant not found",
      "The grant does not exist, was used or has expired; the answer is the same for all three."),
  TICKET_NOT_CONFIRMED(
      409,
      "Ticket not confirmed",
      "The user has not confirmed the login on the phone; state is the current state."),
  TICKET_ALREADY_CLAIMED(
      409, "Ticket already claimed", "Another user scanned the code first. Show a new code."),
  TICKET_IN_USE(
      409,
      "Ticket in use",
      "The code was scanned already. Wait for the login to end, or force a new code."),
  GRANT_ALREADY_ISSUED(
      409, "Grant already issued", "A ticket gives one grant, and it was issued before."),
  STAY_AWAY(
      410,
      "Stay away",
      "An earlier answer of this poll had reconnectAfterMs null, so the client must not reconnect."
          + " Do not poll again."),
  TICKET_GONE(410, "Ticket ended", "The login has ended; state says how. Create a new one."),
  SOURCE_GONE(
      410,
      "Callback source retired",
      "Callbacks of this source are no longer accepted. Remove the webhook at the sender."),
  UNSUPPORTED_EVENT(
      422,
      "Unsupported event",
      "The type of the event is not known, or not allowed for this source; the detail lists the"
          + " types."),
  RATE_LIMITED(
      429,
      "Too many requests",
      "The caller has sent too many requests or has too many connections. Send the request again"
          + " after Retry-After seconds."),
  SLOW_DOWN(
      429,
      "Polling too fast",
      "Poll again after Retry-After seconds, and at that interval from then on."),
  REFRESH_LIMIT(
      429,
      "Refresh limit reached",
      "The code was refreshed automatically as often as the limit allows. Refresh it again only"
          + " after the user asked for a new one."),
  TOO_MANY_TICKETS(
      429, "Too many open tickets", "Finish or cancel a login, or wait until one expires."),
  NOT_IMPLEMENTED(
      501,
      "Not implemented",
      "This transport or protocol does not support the request. Uploads need a WebSocket with the"
          + " subprotocol heliograph.v1.json."),
  UPSTREAM_FAILED(
      502,
      "Backend failed",
      "The backend was called for the client and gave no valid answer; the request may have taken"
          + " effect."),
  UPSTREAM_TIMEOUT(
      504,
      "Backend timeout",
      "The backend was called for the client and did not answer in time; the request may have taken"
          + " effect."),
  PROVIDER_UNAVAILABLE(
      503,
      "Login provider unavailable",
      "The login provider does not answer. Send the request again after Retry-After seconds."),
  STORE_UNAVAILABLE(
      503,
      "Store unavailable",
      "The store does not answer and nothing was changed. Send the request again after Retry-After"
          + " seconds.");

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

  /** The meaning of this type and what to do; the same for every occurrence. */
  public String description() {
    return description;
  }

  public String slug() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** {@code /problems/<slug>}, the address of a page that describes this type. */
  public URI uri() {
    return URI.create("/problems/" + slug());
  }

  public static @Nullable ProblemType of(String slug) {
    return TYPES_BY_SLUG.get(slug);
  }

  /** The type that fits a status chosen by a library; an unknown status is an internal error. */
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
      case 501 -> NOT_IMPLEMENTED;
      case 503 -> UNAVAILABLE;
      case 505 -> HTTP_VERSION_NOT_SUPPORTED;
      default -> status >= 400 && status < 500 ? INVALID_REQUEST : INTERNAL_ERROR;
    };
  }
}

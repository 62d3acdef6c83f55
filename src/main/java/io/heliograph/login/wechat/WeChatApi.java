package io.heliograph.login.wechat;

import io.heliograph.web.CircuitBreaker;
import io.heliograph.web.OutboundCall;
import io.heliograph.web.SharedCall;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.HttpTimeoutException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Client of WeChat's API for one account: creates QR codes, resolves the user of a website login
 * and sends chat messages. Each call blocks for at most the configured time-out, including all its
 * steps. Redirects are not followed, because requests contain the app's secret.
 */
public final class WeChatApi {

  private static final int TOKEN_REJECTED = 40001;
  private static final int TOKEN_EXPIRED = 42001;
  private static final int BUSY = -1;

  /** Far larger than any answer of these calls. */
  private static final int MAX_ANSWER = 64 * 1024;

  /** WeChat issues the next token while the current one is still valid for this long. */
  private static final Duration EARLY = Duration.ofMinutes(5);

  private static final int FAILURES_TO_OPEN = 5;
  private static final Duration PAUSE = Duration.ofSeconds(10);

  private final WeChatAccount account;
  private final HttpClient http;
  private final JsonMapper json;
  private final Clock clock;
  private final Duration timeout;
  private final CircuitBreaker breaker;

  /** Separate from the other calls, so that failing notices do not prevent logins. */
  private final CircuitBreaker noticeBreaker;

  /** Shared, so that concurrent calls that find the token expired fetch it once. */
  private final SharedCall<Token> fetching = new SharedCall<>();

  private volatile @Nullable Token token;

  /**
   * A QR code of WeChat.
   *
   * @param content the content of the code
   * @param reference WeChat's name for the code, which the event of its scan contains
   */
  public record QrCode(String content, String reference) {}

  /** The user of a login at the Open Platform. */
  public record User(String openId, @Nullable String unionId) {
    /** The union id, which is the same for all of the site's apps, or else the open id. */
    public String subject() {
      return unionId == null ? openId : unionId;
    }

    /** The text form that {@link #parse} reads. Neither id contains a line break. */
    String text() {
      return openId + '\n' + (unionId == null ? "" : unionId);
    }

    static User parse(String text) {
      int end = text.indexOf('\n');
      String unionId = text.substring(end + 1);
      return new User(text.substring(0, end), unionId.isEmpty() ? null : unionId);
    }

    @Override
    public String toString() {
      return "User";
    }
  }

  private record Token(String value, Instant renewAt) {
    @Override
    public String toString() {
      return "Token";
    }
  }

  WeChatApi(
      WeChatAccount account, HttpClient http, JsonMapper json, Clock clock, Duration timeout) {
    this.account = account;
    this.http = http;
    this.json = json;
    this.clock = clock;
    this.timeout = timeout;
    this.breaker = new CircuitBreaker(FAILURES_TO_OPEN, PAUSE, clock);
    this.noticeBreaker = new CircuitBreaker(FAILURES_TO_OPEN, PAUSE, clock);
  }

  /** A client that does not follow redirects. */
  static HttpClient client() {
    return HttpClient.newBuilder()
        .followRedirects(HttpClient.Redirect.NEVER)
        .connectTimeout(Duration.ofSeconds(3))
        .build();
  }

  /**
   * Creates a temporary code; permanent ones are few and cannot be deleted.
   *
   * @param scene the value that the event of its scan contains, 1 to 64 characters
   * @throws WeChatUnavailableException when no code can be created now
   */
  public QrCode createQr(String scene, Duration life) {
    Map<String, Object> order =
        Map.of(
            "expire_seconds", life.toSeconds(),
            "action_name", "QR_STR_SCENE",
            "action_info", Map.of("scene", Map.of("scene_str", scene)));
    JsonNode answer =
        guarded(breaker, deadline -> withToken("/cgi-bin/qrcode/create", order, deadline));
    return new QrCode(text(answer, "url"), text(answer, "ticket"));
  }

  /**
   * Sends a customer service message to a user in the account's chat. WeChat accepts it only
   * shortly after the user's last interaction, so it often refuses.
   *
   * @throws WeChatUnavailableException when the message was not accepted
   */
  void write(String openId, String text) {
    Map<String, Object> order =
        Map.of("touser", openId, "msgtype", "text", "text", Map.of("content", text));
    JsonNode answer =
        guarded(
            noticeBreaker, deadline -> withToken("/cgi-bin/message/custom/send", order, deadline));
    int error = answer.path("errcode").asInt(0);
    if (error != 0) {
      throw new WeChatUnavailableException("WeChat refused, errcode " + error, null);
    }
  }

  /** Renews a token once when WeChat rejects it. */
  private JsonNode withToken(String path, Map<String, Object> order, long deadline) {
    String value = token(null, deadline);
    JsonNode first = post(path + "?access_token=" + encode(value), order, deadline);
    int error = first.path("errcode").asInt(0);
    return error == TOKEN_REJECTED || error == TOKEN_EXPIRED
        ? post(path + "?access_token=" + encode(token(value, deadline)), order, deadline)
        : first;
  }

  /**
   * Exchanges the code of a website login; empty when WeChat does not know the code, or it was
   * used.
   *
   * @throws WeChatUnavailableException when WeChat is not available
   */
  Optional<User> user(String code) {
    JsonNode answer =
        guarded(
            breaker,
            deadline ->
                send(
                    request(
                            "/sns/oauth2/access_token?appid="
                                + encode(account.appId())
                                + "&secret="
                                + encode(account.appSecret())
                                + "&code="
                                + encode(code)
                                + "&grant_type=authorization_code")
                        .GET(),
                    deadline));
    String openId = answer.path("openid").asString("");
    String unionId = answer.path("unionid").asString("");
    return openId.isEmpty()
        ? Optional.empty()
        : Optional.of(new User(openId, unionId.isEmpty() ? null : unionId));
  }

  /**
   * Fetches the stable token: all nodes get the same one, so that they do not invalidate each
   * other's.
   */
  private String token(@Nullable String rejected, long deadline) {
    Token now = token;
    if (now != null && isGood(now, rejected)) {
      return now.value;
    }
    Token got = renewed(rejected, deadline);
    // A shared call that was already running can return the rejected token.
    return got.value.equals(rejected) ? renewed(rejected, deadline).value : got.value;
  }

  private Token renewed(@Nullable String rejected, long deadline) {
    // The shared call has its own deadline: the caller that starts it may have little time left,
    // and others join.
    long deadlineOfAll = System.nanoTime() + timeout.toNanos();
    try {
      return fetching
          .join(() -> renew(rejected, deadlineOfAll))
          .get(remaining(deadline), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new WeChatUnavailableException("WeChat did not answer in time", null);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof WeChatUnavailableException known
          ? known
          : new WeChatUnavailableException("no access token", null);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WeChatUnavailableException("interrupted", e);
    }
  }

  private Token renew(@Nullable String rejected, long deadline) {
    Token now = token;
    if (now != null && isGood(now, rejected)) {
      return now;
    }
    Token fetched = fetch(false, deadline);
    if (fetched.value.equals(rejected)) {
      // WeChat returns the same token while it considers it valid.
      fetched = fetch(true, deadline);
    }
    token = fetched;
    return fetched;
  }

  private boolean isGood(Token token, @Nullable String rejected) {
    return !token.value.equals(rejected) && clock.instant().isBefore(token.renewAt);
  }

  private Token fetch(boolean force, long deadline) {
    JsonNode answer =
        post(
            "/cgi-bin/stable_token",
            Map.of(
                "grant_type",
                "client_credential",
                "appid",
                account.appId(),
                "secret",
                account.appSecret(),
                "force_refresh",
                force),
            deadline);
    Duration life = Duration.ofSeconds(answer.path("expires_in").asLong(0));
    Duration early = life.compareTo(EARLY.multipliedBy(2)) > 0 ? EARLY : life.dividedBy(2);
    return new Token(text(answer, "access_token"), clock.instant().plus(life).minus(early));
  }

  private interface Call {
    JsonNode run(long deadline);
  }

  private JsonNode guarded(CircuitBreaker by, Call call) {
    if (!by.tryAcquire()) {
      throw new WeChatUnavailableException(
          "WeChat failed several times; calls are suspended for a while", null);
    }
    boolean done = false;
    try {
      JsonNode answer = call.run(System.nanoTime() + timeout.toNanos());
      if (answer.path("errcode").asInt(0) == BUSY) {
        throw new WeChatUnavailableException("WeChat is busy", null);
      }
      done = true;
      return answer;
    } finally {
      if (done) {
        by.succeeded();
      } else {
        by.failed();
      }
    }
  }

  private HttpRequest.Builder request(String path) {
    return HttpRequest.newBuilder(URI.create(account.apiBaseUrl() + path));
  }

  private JsonNode post(String path, Map<String, Object> body, long deadline) {
    return send(
        request(path)
            .header("Content-Type", "application/json")
            .POST(HttpRequest.BodyPublishers.ofString(json.writeValueAsString(body))),
        deadline);
  }

  private JsonNode send(HttpRequest.Builder request, long deadline) {
    try {
      HttpResponse<String> answer =
          OutboundCall.send(
              http,
              request.build(),
              BodyHandlers.limiting(BodyHandlers.ofString(StandardCharsets.UTF_8), MAX_ANSWER),
              deadline);
      if (answer.statusCode() != 200) {
        throw new WeChatUnavailableException("WeChat answered " + answer.statusCode(), null);
      }
      // WeChat labels its JSON text/plain.
      return json.readTree(answer.body());
    } catch (HttpTimeoutException e) {
      throw new WeChatUnavailableException("WeChat did not answer in time", null);
    } catch (IOException e) {
      // The exception's own text may contain the URL, which contains the secret.
      throw new WeChatUnavailableException(
          "WeChat cannot be reached: " + e.getClass().getSimpleName(), null);
    } catch (JacksonException e) {
      throw new WeChatUnavailableException("WeChat's answer is not JSON", null);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new WeChatUnavailableException("interrupted", null);
    }
  }

  private static long remaining(long deadline) {
    return Math.max(0, deadline - System.nanoTime());
  }

  private static String text(JsonNode answer, String field) {
    String value = answer.path(field).asString("");
    if (value.isEmpty()) {
      throw new WeChatUnavailableException(
          "WeChat refused, errcode " + answer.path("errcode").asInt(0), null);
    }
    return value;
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}

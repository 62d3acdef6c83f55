package io.heliograph.login.wechat;

import io.heliograph.login.LoginLimits;
import io.heliograph.login.LoginOutcome;
import io.heliograph.login.LoginProblems;
import io.heliograph.login.PhoneLogins;
import io.heliograph.login.PublicUrls;
import io.heliograph.message.Channel;
import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import io.heliograph.settings.RefusedSettingException;
import io.heliograph.web.ClientAddress;
import jakarta.servlet.http.HttpServletRequest;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseCookie;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.CookieValue;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.RequestParam;
import org.springframework.web.bind.annotation.RestController;

/**
 * The website login of WeChat's Open Platform: redirects the browser to WeChat, where the user
 * confirms, and handles the return. The page that started the login gets the result like any other,
 * because the redirected window may be a popup.
 */
@RestController
class WeChatLoginController {

  private static final String BROWSER = "__Host-qrb";

  /** Lax: browsers do not send strict cookies with a navigation from another site. */
  private static final String RETURNING = "__Host-qrw";

  static final String PROVIDER = "wechat-open";
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9_-]{43}");
  private static final Pattern CODE = Pattern.compile("[A-Za-z0-9_-]{1,128}");
  private static final Duration RETRY = Duration.ofSeconds(5);
  private static final Duration MINUTE = Duration.ofMinutes(1);

  private final @Nullable WeChatAccount account;
  private final @Nullable WeChatApi api;
  private final OAuthStates states;
  private final PhoneLogins logins;
  private final LoginLimits limits;
  private final @Nullable URI publicBaseUrl;

  WeChatLoginController(
      WeChatAccounts accounts,
      WeChatApis apis,
      OAuthStates states,
      PhoneLogins logins,
      LoginLimits limits,
      PublicUrls urls) {
    this.limits = limits;
    this.account = accounts.first(WeChatProperties.Kind.OPEN_PLATFORM).orElse(null);
    this.api = apis.of(WeChatProperties.Kind.OPEN_PLATFORM).orElse(null);
    this.states = states;
    this.logins = logins;
    this.publicBaseUrl = urls.base().orElse(null);
    if (account != null && publicBaseUrl == null) {
      throw new RefusedSettingException(
          "heliograph.login.public-base-url",
          "is missing; WeChat redirects browsers back to this address");
    }
  }

  @GetMapping("/login/wechat/start")
  ResponseEntity<Void> start(
      @RequestParam("ticket") String ticket,
      @CookieValue(name = BROWSER, required = false) @Nullable String cookie,
      HttpServletRequest request) {
    if (account == null) {
      throw new ProblemException(ProblemType.NOT_FOUND, "No Open Platform account is configured.");
    }
    String browser = requireWaiting(ticket, cookie, ClientAddress.of(request).network());
    OAuthStates.Issued issued = states.issue(ticket, browser);
    String location =
        account.authorizeBaseUrl()
            + "/connect/qrconnect?appid="
            + encode(account.appId())
            + "&redirect_uri="
            + encode(publicBaseUrl + "/login/wechat/callback")
            + "&response_type=code&scope=snsapi_login&state="
            + issued.state()
            + "#wechat_redirect";
    return ResponseEntity.status(HttpStatus.FOUND)
        .location(URI.create(location))
        .cacheControl(CacheControl.noStore())
        .header(HttpHeaders.SET_COOKIE, returning(issued.returning(), Duration.ofMinutes(10)))
        .build();
  }

  /** Each visit stores a state for minutes, so it is limited like the creation of tickets. */
  private String requireWaiting(String ticket, @Nullable String cookie, String address) {
    if (cookie == null
        || !Channel.RANDOM_ID.matcher(ticket).matches()
        || !TOKEN.matcher(cookie).matches()) {
      throw missed(address);
    }
    LoginProblems.require(limits.call(ticket, cookie, address));
    if (!logins.waitsIn(ticket, cookie, PROVIDER)) {
      throw missed(address);
    }
    limits.proved(ticket, cookie);
    if (!limits.mayStart(address)) {
      throw new ProblemException(
              ProblemType.RATE_LIMITED,
              "This address has begun too many website logins within a minute; send the request"
                  + " again after Retry-After seconds.")
          .retryAfter(MINUTE);
    }
    return cookie;
  }

  private ProblemException missed(String address) {
    return LoginProblems.missed(limits.mayMiss(address));
  }

  private static String returning(String value, Duration life) {
    return ResponseCookie.from(RETURNING, value)
        .httpOnly(true)
        .secure(true)
        .sameSite("Lax")
        .path("/")
        .maxAge(life)
        .build()
        .toString();
  }

  @GetMapping("/login/wechat/callback")
  ResponseEntity<String> callback(
      @RequestParam("state") String state,
      @RequestParam(name = "code", required = false) @Nullable String code,
      @CookieValue(name = BROWSER, required = false) @Nullable String cookie,
      @CookieValue(name = RETURNING, required = false) @Nullable String returning,
      HttpServletRequest request) {
    if (api == null) {
      throw new ProblemException(ProblemType.NOT_FOUND, "No Open Platform account is configured.");
    }
    String address = ClientAddress.of(request).network();
    LoginProblems.require(limits.call(state, "", address));
    Optional<String> ticket =
        TOKEN.matcher(state).matches() ? states.find(state, cookie, returning) : Optional.empty();
    if (ticket.isEmpty()) {
      limits.mayMiss(address);
      throw foreign();
    }
    limits.proved(state, "");
    // WeChat omits the code when the user refused.
    return code == null || code.isEmpty()
        ? denied(state, ticket.get())
        : confirmed(api, state, ticket.get(), code);
  }

  private ResponseEntity<String> denied(String state, String ticket) {
    if (states.use(state, "", () -> "").isEmpty()) {
      throw foreign();
    }
    logins.denied(ticket, null, PROVIDER);
    return page("The login was refused", "You can close this window.");
  }

  /**
   * WeChat accepts a code once. The resolved user is stored with the state, so that a browser that
   * repeats the request after a failure is still logged in.
   */
  private ResponseEntity<String> confirmed(
      WeChatApi api, String state, String ticket, String code) {
    WeChatApi.User user =
        states
            .use(state, code, () -> user(api, code).text())
            .map(WeChatApi.User::parse)
            .orElseThrow(WeChatLoginController::foreign);
    LoginOutcome outcome = logins.confirmed(ticket, user.subject(), user.unionId(), PROVIDER, null);
    return switch (outcome) {
      case LoginOutcome.Done _ ->
          page("You are logged in", "Return to the page where you started the login.");
      case LoginOutcome.Refused refused -> throw LoginProblems.of(refused);
    };
  }

  private static ProblemException foreign() {
    return new ProblemException(
        ProblemType.BROWSER_BINDING_FAILED,
        "This login was begun in another browser, or it has ended; start a new one.");
  }

  private static WeChatApi.User user(WeChatApi api, String code) {
    try {
      return (CODE.matcher(code).matches() ? api.user(code) : Optional.<WeChatApi.User>empty())
          .orElseThrow(
              () ->
                  new ProblemException(
                      ProblemType.BROWSER_BINDING_FAILED,
                      "WeChat does not know this code, or it was used before; start a new login."));
    } catch (WeChatUnavailableException e) {
      throw new ProblemException(
              ProblemType.PROVIDER_UNAVAILABLE, "WeChat does not answer. Reload this page.")
          .retryAfter(RETRY);
    }
  }

  private static ResponseEntity<String> page(String title, String text) {
    return ResponseEntity.ok()
        .contentType(new MediaType(MediaType.TEXT_HTML, StandardCharsets.UTF_8))
        .cacheControl(CacheControl.noStore())
        .header("Referrer-Policy", "no-referrer")
        .header(HttpHeaders.SET_COOKIE, returning("", Duration.ZERO))
        .body(
            "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\">"
                + "<meta name=\"viewport\" content=\"width=device-width\"><title>"
                + title
                + "</title><h1>"
                + title
                + "</h1><p>"
                + text
                + "</p></html>");
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}

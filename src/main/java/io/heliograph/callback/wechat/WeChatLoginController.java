package io.heliograph.callback.wechat;

import io.heliograph.callback.LoginCallbacks;
import io.heliograph.callback.LoginCallbacks.Outcome;
import io.heliograph.message.Channel;
import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import io.heliograph.settings.RefusedSettingException;
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
 * Website login of WeChat's Open Platform: sends the browser to WeChat, where the user confirms,
 * and takes it back. The page that opened it is told over its socket, since this one may be a
 * popup.
 */
@RestController
class WeChatLoginController {

  private static final String BROWSER = "__Host-qrb";

  /** Lax, as the visit comes back from WeChat, and a strict cookie stays at home then. */
  private static final String RETURNING = "__Host-qrw";

  static final String PROVIDER = "wechat-open";
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9_-]{43}");
  private static final Pattern CODE = Pattern.compile("[A-Za-z0-9_-]{1,128}");
  private static final Duration RETRY = Duration.ofSeconds(5);

  private final @Nullable WeChatAccount account;
  private final @Nullable WeChatApi api;
  private final OAuthStates states;
  private final BrowserBinding browsers;
  private final LoginCallbacks logins;
  private final @Nullable URI publicBaseUrl;

  WeChatLoginController(
      WeChatAccounts accounts,
      WeChatApis apis,
      OAuthStates states,
      BrowserBinding browsers,
      LoginCallbacks logins,
      PublicAddress address) {
    this.account = accounts.first(WeChatProperties.Kind.OPEN_PLATFORM).orElse(null);
    this.api = apis.of(WeChatProperties.Kind.OPEN_PLATFORM).orElse(null);
    this.states = states;
    this.browsers = browsers;
    this.logins = logins;
    this.publicBaseUrl = address.base();
    if (account != null && publicBaseUrl == null) {
      throw new RefusedSettingException(
          "heliograph.login.public-base-url",
          "is missing; WeChat has to be told where to send browsers back");
    }
  }

  @GetMapping("/login/wechat/start")
  ResponseEntity<Void> start(
      @RequestParam("ticket") String ticket,
      @CookieValue(name = BROWSER, required = false) @Nullable String cookie) {
    if (account == null) {
      throw new ProblemException(ProblemType.NOT_FOUND, "No Open Platform account is configured.");
    }
    if (cookie == null
        || !Channel.RANDOM_ID.matcher(ticket).matches()
        || !TOKEN.matcher(cookie).matches()
        || !browsers.belongs(ticket, cookie)) {
      throw new ProblemException(ProblemType.TICKET_NOT_FOUND, "There is no such ticket.");
    }
    OAuthStates.Issued issued = states.issue(ticket, cookie);
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
      @CookieValue(name = RETURNING, required = false) @Nullable String returning) {
    if (api == null) {
      throw new ProblemException(ProblemType.NOT_FOUND, "No Open Platform account is configured.");
    }
    Optional<String> ticket =
        TOKEN.matcher(state).matches() ? states.take(state, cookie, returning) : Optional.empty();
    if (ticket.isEmpty()) {
      throw new ProblemException(
          ProblemType.BROWSER_BINDING_FAILED,
          "This login was not begun by this browser, or it ended.");
    }
    // WeChat leaves the code out when the user refused.
    if (code == null || code.isEmpty()) {
      logins.denied(new LoginCallbacks.Event(ticket.get(), null, null, PROVIDER, null, null));
      return page("The login was refused", "You can close this window.");
    }
    WeChatApi.User user = user(api, code);
    Outcome outcome =
        logins.confirmed(
            new LoginCallbacks.Event(
                ticket.get(), user.subject(), user.unionId(), PROVIDER, null, null));
    return switch (outcome) {
      case Outcome.Done _ -> page("You are logged in", "Go back to the page where you began.");
      case Outcome.Refused(ProblemType why, _) ->
          throw new ProblemException(why, why.description());
    };
  }

  private static WeChatApi.User user(WeChatApi api, String code) {
    try {
      return (CODE.matcher(code).matches() ? api.user(code) : Optional.<WeChatApi.User>empty())
          .orElseThrow(
              () ->
                  new ProblemException(
                      ProblemType.BROWSER_BINDING_FAILED,
                      "WeChat does not know this code, or it was used."));
    } catch (WeChatUnavailableException e) {
      throw new ProblemException(ProblemType.PROVIDER_UNAVAILABLE, "WeChat does not answer.")
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

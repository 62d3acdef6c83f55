package io.heliograph.login.wechat;

import io.heliograph.login.LoginOutcome;
import io.heliograph.login.PhoneLogins;
import io.heliograph.login.PublicUrls;
import io.heliograph.login.Refusal;
import io.heliograph.login.TicketState;
import io.heliograph.message.Channel;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Handles the events of an official account that concern logins, and makes the chat message that
 * answers them.
 */
final class WeChatEvents {

  static final String PROVIDER = "wechat-oa";
  private static final String FOLLOWED = "qrscene_";
  private static final int MAX_OPENID = 128;

  private static final String CONFIRM = "请点击链接确认登录：\n";
  private static final String OVER = "二维码已失效，请刷新";

  private final PhoneLogins logins;
  private final PublicUrls urls;

  WeChatEvents(PhoneLogins logins, PublicUrls urls) {
    this.logins = logins;
    this.urls = urls;
  }

  /**
   * A user's scan of a login code.
   *
   * @param reference WeChat's name for the code; null when the event does not contain it
   */
  record Scan(String ticket, String openId, @Nullable String reference) {
    @Override
    public String toString() {
      return "Scan";
    }
  }

  /**
   * The scan of an event; empty for all other events. The openid in the URL is not signed and not
   * used.
   */
  static Optional<Scan> scan(WeChatBody body) {
    if (!body.get("MsgType", "").equalsIgnoreCase("event")) {
      return Optional.empty();
    }
    String key = body.get("EventKey", "");
    String scene =
        switch (body.get("Event", "").toLowerCase(Locale.ROOT)) {
          case "scan" -> key;
          // Only as a prefix: a ticket can contain the same letters.
          case "subscribe" -> key.startsWith(FOLLOWED) ? key.substring(FOLLOWED.length()) : "";
          default -> "";
        };
    String user = body.get("FromUserName", "");
    // Any other scene belongs to another code of the account, such as one on a poster.
    if (!Channel.RANDOM_ID.matcher(scene).matches()
        || user.isBlank()
        || user.length() > MAX_OPENID) {
      return Optional.empty();
    }
    String reference = body.get("Ticket");
    return Optional.of(
        new Scan(scene, user, reference == null || reference.isEmpty() ? null : reference));
  }

  /** Applies the scan and returns the chat message; null for none. */
  @Nullable String handle(Scan scan) {
    return switch (logins.scanned(scan.ticket(), scan.openId(), null, PROVIDER, scan.reference())) {
      case LoginOutcome.Done(TicketState state, _, @Nullable String token) ->
          state == TicketState.SCANNED && token != null
              ? CONFIRM + urls.confirmPage(scan.ticket(), token)
              : null;
      case LoginOutcome.Refused(Refusal why, _, _) ->
          why == Refusal.GONE || why == Refusal.ALREADY_CLAIMED ? OVER : null;
    };
  }
}

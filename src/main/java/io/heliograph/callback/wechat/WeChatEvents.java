package io.heliograph.callback.wechat;

import io.heliograph.callback.LoginCallbacks;
import io.heliograph.callback.LoginCallbacks.Outcome;
import io.heliograph.message.Channel;
import io.heliograph.problem.ProblemType;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What an official account's events mean for a login, and what its user is told in the chat. */
final class WeChatEvents {

  static final String PROVIDER = "wechat-oa";
  private static final String FOLLOWED = "qrscene_";
  private static final int MAX_OPENID = 128;

  private static final String CONFIRM = "请点击链接确认登录：\n";
  private static final String OVER = "二维码已失效，请刷新";

  private final LoginCallbacks logins;

  WeChatEvents(LoginCallbacks logins) {
    this.logins = logins;
  }

  /**
   * A user presented one of our codes; the openid in the address is not signed and is not looked
   * at.
   */
  static Optional<LoginCallbacks.Event> scan(WeChatBody body) {
    if (!body.get("MsgType", "").equalsIgnoreCase("event")) {
      return Optional.empty();
    }
    String key = body.get("EventKey", "");
    String scene =
        switch (body.get("Event", "").toLowerCase(Locale.ROOT)) {
          case "scan" -> key;
          // Only at its beginning: a ticket may hold the same letters.
          case "subscribe" -> key.startsWith(FOLLOWED) ? key.substring(FOLLOWED.length()) : "";
          default -> "";
        };
    String user = body.get("FromUserName", "");
    // Any other scene is a code of somebody else's, such as a poster's.
    if (!Channel.RANDOM_ID.matcher(scene).matches()
        || user.isBlank()
        || user.length() > MAX_OPENID) {
      return Optional.empty();
    }
    String reference = body.get("Ticket");
    return Optional.of(
        new LoginCallbacks.Event(
            scene,
            user,
            null,
            PROVIDER,
            reference == null || reference.isEmpty() ? null : reference,
            null));
  }

  /** What to say in the chat; null: nothing. */
  @Nullable String handle(LoginCallbacks.Event scan) {
    return switch (logins.scanned(scan)) {
      case Outcome.Done(@Nullable String link) -> link == null ? null : CONFIRM + link;
      case Outcome.Refused(ProblemType why, _) -> {
        if (why.status() >= 500) {
          throw WeChatRefusal.unavailable();
        }
        yield why == ProblemType.TICKET_GONE || why == ProblemType.TICKET_ALREADY_CLAIMED
            ? OVER
            : null;
      }
    };
  }
}

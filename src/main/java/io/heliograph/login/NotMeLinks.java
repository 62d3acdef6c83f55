package io.heliograph.login;

import java.net.URI;
import org.jspecify.annotations.Nullable;

/**
 * The link behind "this was not me": the page that asked the user before the login, which takes
 * their word after it. Its secret is in the fragment, so that no server, log or link preview gets
 * it, and looking at it changes nothing.
 */
final class NotMeLinks {

  private final PhoneTokens tokens;
  private final String base;

  /**
   * @param base where phones reach this service; null: the link is a path alone
   */
  NotMeLinks(PhoneTokens tokens, @Nullable URI base) {
    this.tokens = tokens;
    this.base = base == null ? "" : base.toString().replaceFirst("/$", "");
  }

  String link(String ticket, String subject) {
    return base + "/l/" + ticket + "#k=" + tokens.of(ticket, subject);
  }
}

package io.heliograph.login;

/** Makes the link with which a user can disown a login afterwards. */
public final class NotMeLinks {

  private final PhoneTokens tokens;
  private final PublicUrls urls;

  NotMeLinks(PhoneTokens tokens, PublicUrls urls) {
    this.tokens = tokens;
    this.urls = urls;
  }

  public String link(String ticket, String subject) {
    return urls.confirmPage(ticket, tokens.of(ticket, subject));
  }
}

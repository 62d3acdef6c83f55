package io.heliograph.login.wechat;

import java.net.URI;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * The accounts at WeChat.
 *
 * @param accounts by the name that stands in /callbacks/wechat/<name>
 */
@ConfigurationProperties("heliograph.wechat")
public record WeChatProperties(@DefaultValue Map<String, Account> accounts) {

  /** What the account is for. */
  public enum Kind {
    OFFICIAL_ACCOUNT,
    OPEN_PLATFORM
  }

  /**
   * One account.
   *
   * @param originalId gh_…, whom its events are addressed to
   * @param token 3 to 32 characters, agreed in WeChat's console; signs the callbacks
   * @param encodingAesKey 43 characters; with it every callback has to be encrypted
   * @param previousEncodingAesKey the one before, while WeChat still uses it
   * @param previousNotAfter when the previous key ends; null: when it is taken out
   * @param allowPlaintext take unencrypted callbacks, whose signature does not cover their body
   * @param apiBaseUrl where WeChat's API is; https, or http on loopback
   * @param authorizeBaseUrl where the Open Platform's login page is
   */
  public record Account(
      @DefaultValue("official-account") Kind kind,
      @Nullable String originalId,
      @Nullable String appId,
      @Nullable String appSecret,
      @Nullable String token,
      @Nullable String encodingAesKey,
      @Nullable String previousEncodingAesKey,
      @Nullable Instant previousNotAfter,
      @DefaultValue("false") boolean allowPlaintext,
      @DefaultValue("https://api.weixin.qq.com") URI apiBaseUrl,
      @DefaultValue("https://open.weixin.qq.com") URI authorizeBaseUrl) {

    /** Without the secrets. */
    @Override
    public String toString() {
      return "Account[" + kind + ", " + appId + ']';
    }
  }
}

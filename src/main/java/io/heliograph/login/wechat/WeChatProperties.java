package io.heliograph.login.wechat;

import java.net.URI;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.context.properties.ConfigurationProperties;
import org.springframework.boot.context.properties.bind.DefaultValue;

/**
 * Settings of the WeChat accounts.
 *
 * @param accounts by the name in /callbacks/wechat/<name>
 */
@ConfigurationProperties("heliograph.wechat")
public record WeChatProperties(@DefaultValue Map<String, Account> accounts) {

  /** The kind of login for which the account is used. */
  public enum Kind {
    OFFICIAL_ACCOUNT,
    OPEN_PLATFORM
  }

  /**
   * Settings of one account.
   *
   * @param originalId gh_…, the recipient of the account's events
   * @param token 3 to 32 characters, as entered in WeChat's console; the key of the callbacks'
   *     signatures
   * @param encodingAesKey 43 characters; when set, callbacks must be encrypted
   * @param previousEncodingAesKey the previous key, while WeChat still uses it
   * @param previousNotAfter when the previous key expires; null: when it is removed
   * @param allowPlaintext whether to accept unencrypted callbacks, whose signature does not cover
   *     their body
   * @param apiBaseUrl the address of WeChat's API; https, or http on loopback
   * @param authorizeBaseUrl the address of the Open Platform's login page
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

    /** Omits the secrets. */
    @Override
    public String toString() {
      return "Account[" + kind + ", " + appId + ']';
    }
  }
}

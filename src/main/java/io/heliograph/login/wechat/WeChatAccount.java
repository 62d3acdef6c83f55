package io.heliograph.login.wechat;

import io.heliograph.security.SecretStrength;
import io.heliograph.settings.RefusedSettingException;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A validated WeChat account.
 *
 * @param ciphers the current key first, then the previous; empty: callbacks are in plain text
 */
record WeChatAccount(
    String id,
    WeChatProperties.Kind kind,
    String originalId,
    String appId,
    String appSecret,
    String token,
    List<WeChatCipher> ciphers,
    URI apiBaseUrl,
    URI authorizeBaseUrl) {

  private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");
  private static final Pattern TOKEN = Pattern.compile("[A-Za-z0-9]{3,32}");
  private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "[::1]");

  /**
   * @throws RefusedSettingException which names the setting, not its value
   */
  static WeChatAccount of(String id, WeChatProperties.Account settings) {
    String name = "heliograph.wechat.accounts." + id;
    if (!ID.matcher(id).matches()) {
      throw new RefusedSettingException(
          "heliograph.wechat.accounts",
          "has an account named '" + id + "'; a name has 1 to 64 characters of A-Z a-z 0-9 . _ -");
    }
    boolean official = settings.kind() == WeChatProperties.Kind.OFFICIAL_ACCOUNT;
    String appId = required(name + ".app-id", settings.appId());
    String token = official ? required(name + ".token", settings.token()) : "";
    if (official && !TOKEN.matcher(token).matches()) {
      throw new RefusedSettingException(name + ".token", "must be 3 to 32 letters and digits");
    }
    return new WeChatAccount(
        id,
        settings.kind(),
        official ? required(name + ".original-id", settings.originalId()) : "",
        appId,
        required(name + ".app-secret", settings.appSecret()),
        token,
        official ? ciphers(name, settings, appId) : List.of(),
        outside(name + ".api-base-url", settings.apiBaseUrl()),
        outside(name + ".authorize-base-url", settings.authorizeBaseUrl()));
  }

  private static List<WeChatCipher> ciphers(
      String name, WeChatProperties.Account settings, String appId) {
    List<WeChatCipher> ciphers = new ArrayList<>();
    if (settings.encodingAesKey() == null) {
      if (!settings.allowPlaintext()) {
        throw new RefusedSettingException(
            name + ".encoding-aes-key",
            "is missing; without it the signature does not cover the events' content, which is"
                + " accepted only with allow-plaintext");
      }
      return ciphers;
    }
    ciphers.add(cipher(name + ".encoding-aes-key", settings.encodingAesKey(), appId, null));
    if (settings.previousEncodingAesKey() != null) {
      ciphers.add(
          cipher(
              name + ".previous-encoding-aes-key",
              settings.previousEncodingAesKey(),
              appId,
              settings.previousNotAfter()));
    }
    return List.copyOf(ciphers);
  }

  private static WeChatCipher cipher(
      String name, String key, String appId, @Nullable Instant notAfter) {
    try {
      return new WeChatCipher(key, appId, notAfter);
    } catch (IllegalArgumentException e) {
      throw new RefusedSettingException(name, String.valueOf(e.getMessage()));
    }
  }

  private static String required(String name, @Nullable String value) {
    if (value == null || value.isBlank()) {
      throw new RefusedSettingException(name, "is missing");
    }
    return SecretStrength.requireTrimmed(name, value);
  }

  /** Requires https except on loopback, because requests to the address contain the app secret. */
  private static URI outside(String name, URI uri) {
    String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
    boolean taken =
        uri.getHost() != null
            && uri.getRawUserInfo() == null
            && uri.getRawQuery() == null
            && uri.getRawFragment() == null
            && (scheme.equals("https")
                || (scheme.equals("http") && LOOPBACK.contains(uri.getHost())));
    if (!taken) {
      throw new RefusedSettingException(
          name, "must be an https URI, or http to a loopback address");
    }
    String text = uri.toString();
    return text.endsWith("/") ? URI.create(text.substring(0, text.length() - 1)) : uri;
  }

  /** Omits the secrets. */
  @Override
  public String toString() {
    return "WeChatAccount[" + id + ']';
  }
}

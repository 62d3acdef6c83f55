package io.heliograph.login.wechat;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The query parameters of a callback, strictly validated. Parsed from the URL only, because the
 * servlet's parameters would include those of a form in the body.
 *
 * @param signature over token, timestamp and nonce; null when absent
 * @param messageSignature also covers the encrypted body
 */
record WeChatQuery(
    String timestamp,
    String nonce,
    @Nullable String signature,
    @Nullable String messageSignature,
    @Nullable String echo,
    boolean encrypted) {

  /** WeChat's clock may differ, and it repeats a callback within seconds. */
  private static final Duration WINDOW = Duration.ofSeconds(300);

  private static final int MAX_LENGTH = 2_048;
  private static final Pattern TIMESTAMP = Pattern.compile("[0-9]{10}");
  private static final Pattern NONCE = Pattern.compile("[0-9A-Za-z]{1,32}");
  private static final Pattern SIGNATURE = Pattern.compile("[0-9a-fA-F]{40}");

  /** Printable characters without any that a browser could interpret as markup. */
  private static final Pattern ECHO = Pattern.compile("[\\x21-\\x7e&&[^<>&\"']]{1,256}");

  /**
   * @throws WeChatRefusal 400 when a parameter is missing, repeated or malformed
   */
  static WeChatQuery parse(@Nullable String text) {
    Map<String, String> values = new HashMap<>();
    if (text == null || text.length() > MAX_LENGTH) {
      throw WeChatRefusal.malformed();
    }
    for (String pair : text.split("&")) {
      int equals = pair.indexOf('=');
      try {
        String name = decode(equals < 0 ? pair : pair.substring(0, equals));
        String value = equals < 0 ? "" : decode(pair.substring(equals + 1));
        if (values.put(name, value) != null) {
          throw WeChatRefusal.malformed();
        }
      } catch (IllegalArgumentException e) {
        throw WeChatRefusal.malformed();
      }
    }
    String timestamp = required(values, "timestamp", TIMESTAMP);
    String nonce = required(values, "nonce", NONCE);
    return new WeChatQuery(
        timestamp,
        nonce,
        optional(values, "signature", SIGNATURE),
        optional(values, "msg_signature", SIGNATURE),
        optional(values, "echostr", ECHO),
        "aes".equals(values.get("encrypt_type")));
  }

  private static String decode(String text) {
    return URLDecoder.decode(text, StandardCharsets.UTF_8);
  }

  private static String required(Map<String, String> values, String name, Pattern form) {
    String value = optional(values, name, form);
    if (value == null) {
      throw WeChatRefusal.malformed();
    }
    return value;
  }

  private static @Nullable String optional(Map<String, String> values, String name, Pattern form) {
    String value = values.get(name);
    if (value != null && !form.matcher(value).matches()) {
      throw WeChatRefusal.malformed();
    }
    return value;
  }

  boolean isFresh(Instant now) {
    return Math.abs(now.getEpochSecond() - Long.parseLong(timestamp)) <= WINDOW.toSeconds();
  }
}

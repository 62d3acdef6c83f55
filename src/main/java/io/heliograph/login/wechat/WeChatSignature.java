package io.heliograph.login.wechat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * WeChat's signature: SHA-1 over the sorted texts, concatenated without separators. The same hash
 * therefore fits other divisions into texts; the fixed forms that {@link WeChatQuery} requires
 * prevent that.
 */
final class WeChatSignature {

  private WeChatSignature() {}

  static String of(String... texts) {
    String[] sorted = texts.clone();
    Arrays.sort(sorted);
    try {
      MessageDigest sha1 = MessageDigest.getInstance("SHA-1");
      return HexFormat.of()
          .formatHex(sha1.digest(String.join("", sorted).getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }

  static boolean holds(String signature, String... texts) {
    return MessageDigest.isEqual(
        of(texts).getBytes(StandardCharsets.US_ASCII),
        signature.getBytes(StandardCharsets.US_ASCII));
  }
}

package io.heliograph.login.wechat;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.HexFormat;

/**
 * How WeChat signs: SHA-1 over the sorted texts without anything between them. Borders between the
 * texts can therefore be moved, and only the fixed forms that {@link WeChatQuery} demands prevent
 * it.
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

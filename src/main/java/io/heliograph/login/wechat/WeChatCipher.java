package io.heliograph.login.wechat;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Optional;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.jspecify.annotations.Nullable;

/**
 * WeChat's message encryption: AES-256-CBC over {@code random(16) ‖ length(4) ‖ message ‖ appid},
 * padded to 32 bytes. The padding is PKCS#7 with a block size twice that of AES, which the JDK does
 * not support, so it is implemented here.
 */
class WeChatCipher {

  static final int RANDOM_BYTES = 16;

  private static final int BLOCK = 32;
  private static final int HEAD = RANDOM_BYTES + Integer.BYTES;

  private final SecretKeySpec key;
  private final IvParameterSpec iv;
  private final byte[] appId;
  private final @Nullable Instant notAfter;

  /**
   * @param encodingAesKey 43 characters of base64; the last one may have unused bits set, as WeChat
   *     generates such keys
   * @throws IllegalArgumentException when the key is invalid; the message does not quote it
   */
  WeChatCipher(String encodingAesKey, String appId, @Nullable Instant notAfter) {
    byte[] bytes;
    try {
      bytes =
          encodingAesKey.length() == 43
              ? Base64.getDecoder().decode(encodingAesKey + "=")
              : new byte[0];
    } catch (IllegalArgumentException e) {
      bytes = new byte[0];
    }
    if (bytes.length != BLOCK) {
      throw new IllegalArgumentException("must be 43 characters of base64");
    }
    this.key = new SecretKeySpec(bytes, "AES");
    this.iv = new IvParameterSpec(bytes, 0, 16);
    this.appId = appId.getBytes(StandardCharsets.UTF_8);
    this.notAfter = notAfter;
  }

  boolean holds(Instant now) {
    return notAfter == null || now.isBefore(notAfter);
  }

  /**
   * The message; empty when it was encrypted with another key or for another app. Call only after
   * the signature was verified.
   */
  Optional<byte[]> decrypt(String encrypted) {
    byte[] padded;
    try {
      byte[] bytes = Base64.getDecoder().decode(encrypted);
      if (bytes.length < BLOCK || bytes.length % 16 != 0) {
        return Optional.empty();
      }
      padded = cipher(Cipher.DECRYPT_MODE).doFinal(bytes);
    } catch (IllegalArgumentException | GeneralSecurityException e) {
      return Optional.empty();
    }
    int end = withoutPadding(padded);
    if (end < HEAD) {
      return Optional.empty();
    }
    int length = ByteBuffer.wrap(padded, RANDOM_BYTES, Integer.BYTES).getInt();
    // A wrong key gives an arbitrary number here, also a negative one.
    if (length < 0 || length > end - HEAD) {
      return Optional.empty();
    }
    byte[] suffix = Arrays.copyOfRange(padded, HEAD + length, end);
    return MessageDigest.isEqual(suffix, appId)
        ? Optional.of(Arrays.copyOfRange(padded, HEAD, HEAD + length))
        : Optional.empty();
  }

  /** The index at which the padding begins; -1 when it is invalid. */
  private static int withoutPadding(byte[] padded) {
    int pad = padded[padded.length - 1];
    if (pad < 1 || pad > BLOCK) {
      return -1;
    }
    for (int i = padded.length - pad; i < padded.length; i++) {
      if (padded[i] != pad) {
        return -1;
      }
    }
    return padded.length - pad;
  }

  /**
   * @param random 16 bytes, new for each message
   */
  String encrypt(byte[] random, byte[] message) {
    int length = HEAD + message.length + appId.length;
    int pad = BLOCK - length % BLOCK;
    ByteBuffer full =
        ByteBuffer.allocate(length + pad)
            .put(random)
            .putInt(message.length)
            .put(message)
            .put(appId);
    Arrays.fill(full.array(), length, length + pad, (byte) pad);
    try {
      return Base64.getEncoder().encodeToString(cipher(Cipher.ENCRYPT_MODE).doFinal(full.array()));
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("whole blocks can be encrypted", e);
    }
  }

  private Cipher cipher(int mode) throws GeneralSecurityException {
    Cipher cipher = Cipher.getInstance("AES/CBC/NoPadding");
    cipher.init(mode, key, iv);
    return cipher;
  }
}

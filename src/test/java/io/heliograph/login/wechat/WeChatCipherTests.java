package io.heliograph.login.wechat;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import javax.crypto.Cipher;
import javax.crypto.spec.IvParameterSpec;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

class WeChatCipherTests {

  static final String KEY = "A".repeat(43);
  static final String APP = "wxba5fad812f8e6fb9";
  static final String ENCRYPTED =
      "+qdx1OKCy+5JPCBFWw70tm0fJGb2Jmeia4FCB7kao+/Q5c/ohsOzQHi8khUOb05JCpj0JB4RvQMkUyus8TPxLKJGQqcvZqzDpVzazhZv6JsXUnnR8XGT740XgXZUXQ7vJVnAG+tE8NUd4yFyjPy7GgiaviNrlCTj+l5kdfMuFUPpRSrfMZuMcp3Fn2Pede2IuQrKEYwKSqFIZoNqJ4M8EajAsjLY2km32IIjdf8YL/P50F7mStwntrA2cPDrM1kb6mOcfBgRtWygb3VIYnSeOBrebufAlr7F9mFUPAJGj04=";

  private final WeChatCipher cipher = new WeChatCipher(KEY, APP, null);

  /** Case 9. */
  @Test
  void theOfficialMessageIsDecrypted() {
    assertThat(cipher.decrypt(ENCRYPTED))
        .hasValueSatisfying(
            message -> {
              assertThat(message).hasSize(167);
              assertThat(new String(message, StandardCharsets.UTF_8))
                  .contains("\"Event\":\"debug_demo\"");
            });
  }

  /** Case 12. */
  @Test
  void messagesForAnotherAppAreNotDecrypted() {
    assertThat(new WeChatCipher(KEY, "wxba5fad812f8e6fb8", null).decrypt(ENCRYPTED)).isEmpty();
    assertThat(new WeChatCipher(KEY, APP.substring(1), null).decrypt(ENCRYPTED)).isEmpty();
  }

  /** Case 19. */
  @Test
  void theOfficialReplyIsReproducedExactly() {
    byte[] random = "707722b803182950".getBytes(StandardCharsets.US_ASCII);
    String encrypted =
        cipher.encrypt(random, "{\"demo_resp\":\"good luck\"}".getBytes(StandardCharsets.UTF_8));
    assertThat(encrypted)
        .isEqualTo(
            "ELGduP2YcVatjqIS+eZbp80MNLoAUWvzzyJxgGzxZO/5sAvd070Bs6qrLARC9nVHm48Y4hyRbtzve1L32tmxSQ==");
    String reply =
        new WeChatReply(true, new JsonMapper())
            .encrypted(
                cipher,
                "AAAAA",
                random,
                "{\"demo_resp\":\"good luck\"}",
                "1713424427",
                "415670741");
    assertThat(reply)
        .isEqualTo(
            "{\"Encrypt\":\""
                + encrypted
                + "\",\"MsgSignature\":\"1b9339964ed2e271e7c7b6ff2b0ef902fc94dea1\",\"TimeStamp\":1713424427,\"Nonce\":\"415670741\"}");
  }

  /** Case 15. */
  @Test
  void everyPaddingLengthRoundTrips() {
    for (int length = 0; length <= 64; length++) {
      byte[] message = new byte[length];
      Arrays.fill(message, (byte) 'x');
      assertThat(cipher.decrypt(cipher.encrypt(new byte[16], message))).hasValue(message);
    }
  }

  /** Case 20. */
  @Test
  void nonAsciiTextRoundTrips() {
    byte[] message = "昵称 🚀".getBytes(StandardCharsets.UTF_8);
    assertThat(cipher.decrypt(cipher.encrypt(new byte[16], message))).hasValue(message);
  }

  /** Case 15. */
  @ParameterizedTest
  @ValueSource(ints = {0, 33, 34, -1, 127})
  void aWrongPaddingLengthIsRefused(int pad) throws Exception {
    byte[] full = plain(1, 64);
    full[full.length - 1] = (byte) pad;
    assertThat(cipher.decrypt(raw(full))).isEmpty();
  }

  /** Case 15. */
  @Test
  void unequalPaddingBytesAreRefused() throws Exception {
    byte[] full = plain(1, 64);
    int pad = full[full.length - 1];
    assertThat(pad).isGreaterThan(1);
    assertThat(cipher.decrypt(raw(full))).isPresent();
    full[full.length - pad] ^= 1;
    assertThat(cipher.decrypt(raw(full))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(ints = {-1, Integer.MIN_VALUE, Integer.MAX_VALUE, 100, 2})
  void anImpossibleMessageLengthIsRefused(int length) throws Exception {
    assertThat(cipher.decrypt(raw(plain(length, 64)))).isEmpty();
  }

  /** A plaintext with a message of one byte and the given length field. */
  private static byte[] plain(int length, int size) {
    byte[] app = APP.getBytes(StandardCharsets.US_ASCII);
    ByteBuffer full =
        ByteBuffer.allocate(size).put(new byte[16]).putInt(length).put((byte) 'x').put(app);
    int pad = size - full.position();
    Arrays.fill(full.array(), full.position(), size, (byte) pad);
    return full.array();
  }

  private static String raw(byte[] full) throws Exception {
    byte[] key = Base64.getDecoder().decode(KEY + "=");
    Cipher aes = Cipher.getInstance("AES/CBC/NoPadding");
    aes.init(Cipher.ENCRYPT_MODE, new SecretKeySpec(key, "AES"), new IvParameterSpec(key, 0, 16));
    return Base64.getEncoder().encodeToString(aes.doFinal(full));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "AAAA", "not base64!", "AAAAAAAAAAAAAAAAAAAAAA=="})
  void invalidCiphertextIsRefused(String text) {
    assertThat(cipher.decrypt(text)).isEmpty();
  }

  /** Case 17. */
  @Test
  void aKeyWithUnusedBitsIsAccepted() {
    String key = "abcdefghijklmnopqrstuvwxyz0123456789ABCDEFG";
    assertThat(key).hasSize(43);
    WeChatCipher odd = new WeChatCipher(key, APP, null);
    assertThat(odd.decrypt(odd.encrypt(new byte[16], new byte[] {7}))).hasValue(new byte[] {7});
    assertThat(HexFormat.of().formatHex(Base64.getDecoder().decode(key + "="))).hasSize(64);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        // Case 17.
        "",
        "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA",
        "*AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
      })
  void anInvalidKeyIsRefusedAndNotQuoted(String key) {
    assertThatThrownBy(() -> new WeChatCipher(key, APP, null))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("must be 43 characters of base64")
        .hasNoCause();
  }
}

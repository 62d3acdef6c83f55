package io.heliograph.login.wechat;

import java.security.SecureRandom;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * Decodes WeChat's callbacks and encodes the answers in all three modes: plain, compatible and
 * safe. The signature is verified before anything is decrypted, so that the cipher cannot be used
 * as an oracle.
 */
final class WeChatEnvelope {

  private static final SecureRandom RANDOM = new SecureRandom();

  private final JsonMapper mapper;

  WeChatEnvelope(JsonMapper mapper) {
    this.mapper = mapper;
  }

  /**
   * @param body null when the body is unreadable, such as XML with a control character
   * @param cipher the cipher that decrypted it, which also encrypts the answer; null in plain text
   */
  record Opened(@Nullable WeChatBody body, @Nullable WeChatCipher cipher) {}

  /**
   * @throws WeChatRefusal when the signature does not prove that WeChat sent it for this account
   */
  Opened open(WeChatAccount account, WeChatQuery query, byte[] bytes, Instant now) {
    if (!query.isFresh(now)) {
      throw WeChatRefusal.forged();
    }
    // With a key configured, plain text is an attempt to bypass the encryption.
    if (query.encrypted() == account.ciphers().isEmpty()) {
      throw WeChatRefusal.forged();
    }
    if (!query.encrypted()) {
      requireSigned(query.signature(), account.token(), query.timestamp(), query.nonce());
      return new Opened(WeChatBody.parse(mapper, bytes), null);
    }
    if (query.messageSignature() == null) {
      throw WeChatRefusal.forged();
    }
    String encrypted = WeChatBody.encrypted(mapper, bytes).orElseThrow(WeChatRefusal::malformed);
    String compact = encrypted.replaceAll("\\s", "");
    requireSigned(
        query.messageSignature(), account.token(), query.timestamp(), query.nonce(), compact);
    for (WeChatCipher cipher : account.ciphers()) {
      Optional<byte[]> message = cipher.holds(now) ? cipher.decrypt(compact) : Optional.empty();
      if (message.isPresent()) {
        return new Opened(WeChatBody.read(mapper, message.get()).orElse(null), cipher);
      }
    }
    throw WeChatRefusal.forged();
  }

  private static void requireSigned(@Nullable String signature, String... texts) {
    if (signature == null || !WeChatSignature.holds(signature, texts)) {
      throw WeChatRefusal.forged();
    }
  }

  /** Encodes the answer in the form of the request: XML or JSON, encrypted if the request was. */
  String close(
      WeChatAccount account,
      WeChatBody question,
      @Nullable WeChatCipher cipher,
      String text,
      String nonce,
      Instant now) {
    WeChatReply reply = new WeChatReply(question.json(), mapper);
    long time = now.getEpochSecond();
    String plain =
        reply.text(question.get("FromUserName", ""), question.get("ToUserName", ""), time, text);
    if (cipher == null) {
      return plain;
    }
    byte[] random = new byte[WeChatCipher.RANDOM_BYTES];
    RANDOM.nextBytes(random);
    return reply.encrypted(cipher, account.token(), random, plain, Long.toString(time), nonce);
  }
}

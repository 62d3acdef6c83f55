package io.heliograph.message;

import java.nio.ByteBuffer;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.Base64;
import java.util.UUID;

/**
 * Makes the ids of messages (UUIDv7, RFC 9562 section 5.7) and the random 128-bit ids of sessions
 * and tickets.
 */
public final class Ids {

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final Base64.Encoder BASE64URL = Base64.getUrlEncoder().withoutPadding();

  private Ids() {}

  /** 48 bits of milliseconds, then 74 random bits. */
  public static String v7(Instant time) {
    byte[] bytes = new byte[10];
    RANDOM.nextBytes(bytes);
    ByteBuffer random = ByteBuffer.wrap(bytes);
    long high = (time.toEpochMilli() << 16) | 0x7000L | (random.getShort() & 0xFFFL);
    long low = (random.getLong() & 0x3FFF_FFFF_FFFF_FFFFL) | 0x8000_0000_0000_0000L;
    return new UUID(high, low).toString();
  }

  /** 128 random bits in base64url, 22 characters. */
  public static String random128() {
    return random(16);
  }

  /** The given number of random bytes in base64url without padding. */
  public static String random(int bytes) {
    byte[] random = new byte[bytes];
    RANDOM.nextBytes(random);
    return BASE64URL.encodeToString(random);
  }
}

package io.heliograph.idempotency;

import java.util.Arrays;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The first answer to a request, stored for repetitions.
 *
 * @param contentType null: no body
 * @param body not copied; must not be changed
 */
public record StoredReply(int status, @Nullable String contentType, byte[] body) {

  /** Larger replies are not stored. */
  public static final int MAX_BODY = 512 * 1024;

  private static final byte[] NOTHING = {};

  /** Whether it may be stored. */
  boolean fits() {
    return body.length <= MAX_BODY;
  }

  /** A reply without a body. */
  public static StoredReply of(int status) {
    return new StoredReply(status, null, NOTHING);
  }

  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof StoredReply(int otherStatus, String otherType, byte[] otherBody)
        && status == otherStatus
        && Objects.equals(contentType, otherType)
        && Arrays.equals(body, otherBody);
  }

  @Override
  public int hashCode() {
    return Objects.hash(status, contentType, Arrays.hashCode(body));
  }

  /** Without the body, which may hold secrets. */
  @Override
  public String toString() {
    return "StoredReply[" + status + ", " + contentType + ", " + body.length + " bytes]";
  }
}

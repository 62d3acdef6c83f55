package io.heliograph.upstream;

import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;

/** The digest of all bytes of an upload. Thread-safe. */
final class UploadDigest {

  private final MessageDigest sha256;

  UploadDigest() {
    try {
      sha256 = MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  synchronized void update(ByteBuffer piece) {
    sha256.update(piece);
  }

  /**
   * The digest as a value of Content-Digest (RFC 9530, section 2). May be called once, after the
   * last byte.
   */
  synchronized String field() {
    return "sha-256=:" + Base64.getEncoder().encodeToString(sha256.digest()) + ':';
  }
}

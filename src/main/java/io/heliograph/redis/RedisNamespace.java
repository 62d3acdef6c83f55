package io.heliograph.redis;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The names of this installation's keys and pub/sub channels. All begin with the prefix, so that
 * several installations can share a Redis.
 *
 * @param prefix of all names
 */
public record RedisNamespace(String prefix) {

  /** The key of one object. */
  public String key(String kind, String id) {
    return prefix + ':' + kind + ':' + id;
  }

  /**
   * The key of one object whose id may contain any character and have any length.
   *
   * @param id the key contains only its digest
   */
  public String digestKey(String kind, String id) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256").digest(id.getBytes(StandardCharsets.UTF_8));
      return key(kind, HexFormat.of().formatHex(digest));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }

  /**
   * A prefix of keys that one script uses together. Redis Cluster stores keys with the same text in
   * braces on one server.
   *
   * @param tag must not contain a brace
   */
  public String tagged(String tag) {
    return prefix + ":{" + tag + '}';
  }
}

package io.heliograph.broker.redis;

import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/** A Lua script, run by its digest. */
final class Lua {

  private final String text;
  private final String digest;

  Lua(String text) {
    this.text = text;
    this.digest = sha1(text);
  }

  /**
   * Sends the digest; the text only to a server that does not know the script, as after its
   * restart.
   */
  <T> CompletionStage<T> run(
      RedisClusterAsyncCommands<String, String> commands,
      ScriptOutputType answer,
      String[] keys,
      String... arguments) {
    return commands
        .<T>evalsha(digest, answer, keys, arguments)
        .exceptionallyCompose(
            failure ->
                isUnknown(failure)
                    ? commands.<T>eval(text, answer, keys, arguments)
                    : CompletableFuture.failedStage(failure));
  }

  private static boolean isUnknown(Throwable failure) {
    Throwable cause = failure instanceof CompletionException ? failure.getCause() : failure;
    return cause instanceof RedisNoScriptException;
  }

  /** The digest by which Redis identifies a script. */
  private static String sha1(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException(e);
    }
  }
}

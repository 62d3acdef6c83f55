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

/** A script's text, and how Redis is asked to run it. */
final class Lua {

  private final String text;
  private final String digest;

  Lua(String text) {
    this.text = text;
    this.digest = sha1(text);
  }

  /**
   * A server that was started anew does not know the script: then, and only then, it gets the whole
   * text.
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

  /** What Redis names a script by. */
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

package io.heliograph.broker.redis;

import io.lettuce.core.RedisNoScriptException;
import io.lettuce.core.ScriptOutputType;
import io.lettuce.core.cluster.api.async.RedisClusterAsyncCommands;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;

/**
 * One atomic step, on a channel's log or among the nodes; its file says what it takes and answers.
 */
enum Script {
  PUBLISH("publish", true),
  HISTORY("history", true),
  DELIVERED("delivered", false),
  LEASE("lease", false),
  TELL("tell", false);

  private final String file;
  private final String text;
  private final String digest;

  Script(String file, boolean opensLog) {
    this.file = file;
    this.text = opensLog ? read("log") + '\n' + read(file) : read(file);
    this.digest = sha1(text);
  }

  /** A closed set, for a metric's tag. */
  String tag() {
    return file;
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

  private static String read(String name) {
    try (InputStream in = Script.class.getResourceAsStream(name + ".lua")) {
      if (in == null) {
        throw new IllegalStateException(name + ".lua is missing");
      }
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
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

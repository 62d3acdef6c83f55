package io.heliograph.redis;

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
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.springframework.data.redis.core.StringRedisTemplate;

/**
 * A Lua script, which Redis runs as one atomic step. The comment at the top of its file describes
 * its keys, arguments and answer. The script is called by its digest; the text is sent only to a
 * server that does not have it, for example after a restart.
 */
public final class RedisScript {

  private final String text;
  private final String digest;

  private RedisScript(String text) {
    this.text = text;
    this.digest = sha1(text);
  }

  /**
   * A script from the class path.
   *
   * @param files concatenated, so that scripts can share functions; without extension. A name
   *     without a slash is in the package of the class, any other below {@code io/heliograph}
   */
  public static RedisScript of(Class<?> owner, String... files) {
    StringBuilder all = new StringBuilder();
    for (String file : files) {
      String name = (file.indexOf('/') < 0 ? file : "/io/heliograph/" + file) + ".lua";
      try (InputStream in = owner.getResourceAsStream(name)) {
        if (in == null) {
          throw new IllegalStateException(name + " is missing from the class path");
        }
        all.append(new String(in.readAllBytes(), StandardCharsets.UTF_8)).append('\n');
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    return new RedisScript(all.toString());
  }

  /** Runs the script without blocking. */
  public <T> CompletionStage<T> run(
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

  /** Runs the script and waits for its answer. */
  public <T> T run(
      StringRedisTemplate redis, Class<T> answer, List<String> keys, String... arguments) {
    return redis.execute(new Typed<>(this, answer), keys, (Object[]) arguments);
  }

  /** The script as Spring's interface. */
  private record Typed<T>(RedisScript script, Class<T> answer)
      implements org.springframework.data.redis.core.script.RedisScript<T> {

    @Override
    public String getSha1() {
      return script.digest;
    }

    @Override
    public Class<T> getResultType() {
      return answer;
    }

    @Override
    public String getScriptAsString() {
      return script.text;
    }
  }

  private static String sha1(String text) {
    try {
      return HexFormat.of()
          .formatHex(
              MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8)));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-1", e);
    }
  }
}

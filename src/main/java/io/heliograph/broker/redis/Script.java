package io.heliograph.broker.redis;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;

/**
 * The scripts of the broker, one atomic step each. The head of each file describes its keys,
 * arguments and answer.
 */
enum Script {
  PUBLISH("publish", true),
  HISTORY("history", true),
  DELIVERED("delivered", false),
  LEASE("lease", false),
  TELL("tell", false);

  private final String file;
  private final Lua lua;

  Script(String file, boolean opensLog) {
    this.file = file;
    this.lua = new Lua(opensLog ? read("log") + '\n' + read(file) : read(file));
  }

  /** The tag in metrics. */
  String tag() {
    return file;
  }

  Lua lua() {
    return lua;
  }

  /** A script that publishes after another one, which may return before publishing. */
  static Lua publishAfter(String script) {
    return new Lua(read("log") + '\n' + script + '\n' + read(PUBLISH.file));
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
}

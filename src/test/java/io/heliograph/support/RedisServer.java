package io.heliograph.support;

import java.io.BufferedInputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Assumptions;
import redis.embedded.core.ExecutableProvider;

/**
 * A real Redis for a test, on a port of its own: the machine's if it has one, else the one in the
 * test libraries. It keeps nothing on disk unless a test has it {@linkplain #save() save}. System
 * property {@code heliograph.test.redis=embedded} has the library's taken in any case.
 */
public final class RedisServer implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Path directory;
  private final int port;
  private final List<String> options;
  private @Nullable Process process;

  /** Instead of all options; null: none. */
  private @Nullable Path configuration;

  private RedisServer(Path directory, int port, List<String> options) {
    this.directory = directory;
    this.port = port;
    this.options = options;
  }

  /** Starts one, or has the test skipped. */
  public static RedisServer running(String... options) {
    try {
      RedisServer server =
          new RedisServer(Files.createTempDirectory("redis"), freePort(), List.of(options));
      server.start();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * One that watches this master under the name {@code watched}, and promotes its replica soon
   * after it is gone.
   */
  public static RedisServer sentinelOf(RedisServer master) {
    try {
      RedisServer server =
          new RedisServer(Files.createTempDirectory("sentinel"), freePort(), List.of());
      server.configuration =
          Files.writeString(
              server.directory.resolve("sentinel.conf"),
              """
              port %d
              bind 127.0.0.1
              dir %s
              sentinel monitor watched 127.0.0.1 %d 1
              sentinel down-after-milliseconds watched 1000
              sentinel failover-timeout watched 5000
              """
                  .formatted(server.port, server.directory, master.port));
      server.start();
      return server;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Has the test skipped when the server there is is older. */
  public static void needsVersion(int major) {
    try (RedisServer probe = running()) {
      String info = probe.text("INFO", "server");
      int found = Integer.parseInt(info.replaceAll("(?s).*redis_version:(\\d+).*", "$1"));
      Assumptions.assumeTrue(found >= major, "needs redis-server " + major + ", found " + found);
    }
  }

  public int port() {
    return port;
  }

  /** For files that are gone with the server. */
  public Path directory() {
    return directory;
  }

  /** Again, on the same port. */
  public void start() {
    Path binary = binary();
    Assumptions.assumeTrue(binary != null, "needs redis-server (Debian: apt install redis-server)");
    List<String> command =
        new ArrayList<>(
            List.of(
                String.valueOf(binary),
                "--port",
                Integer.toString(port),
                "--bind",
                "127.0.0.1",
                "--dir",
                directory.toString(),
                "--save",
                "",
                "--appendonly",
                "no"));
    command.addAll(options);
    if (configuration != null) {
      command = List.of(String.valueOf(binary), configuration.toString(), "--sentinel");
    }
    try {
      process =
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(directory.resolve("log").toFile())
              .start();
      long deadline = System.nanoTime() + PATIENCE.toNanos();
      while (!answers()) {
        if (System.nanoTime() > deadline || !process.isAlive()) {
          throw new IllegalStateException(Files.readString(directory.resolve("log")));
        }
        Thread.onSpinWait();
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** One command; the answer as it stands on the wire, up to its first line's end. */
  public String command(String... words) {
    return text(true, words);
  }

  /** One command; the texts of its answer, a line each. */
  public String text(String... words) {
    return text(false, words);
  }

  private String text(boolean onlyHead, String... words) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      socket.setSoTimeout(5_000);
      StringBuilder request = new StringBuilder("*" + words.length + "\r\n");
      for (String word : words) {
        request.append('$').append(word.getBytes(StandardCharsets.UTF_8).length).append("\r\n");
        request.append(word).append("\r\n");
      }
      socket.getOutputStream().write(request.toString().getBytes(StandardCharsets.UTF_8));
      InputStream in = new BufferedInputStream(socket.getInputStream());
      return onlyHead ? line(in) : value(in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String line(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    int next;
    while ((next = in.read()) >= 0 && next != '\r') {
      line.append((char) next);
    }
    in.read();
    return line.toString();
  }

  private static String value(InputStream in) throws IOException {
    String head = line(in);
    if (head.startsWith("$")) {
      int length = Integer.parseInt(head.substring(1));
      String text = length < 0 ? "" : new String(in.readNBytes(length), StandardCharsets.UTF_8);
      if (length >= 0) {
        line(in);
      }
      return text;
    }
    if (head.startsWith("*")) {
      StringBuilder all = new StringBuilder();
      for (int i = 0; i < Integer.parseInt(head.substring(1)); i++) {
        all.append(i == 0 ? "" : "\n").append(value(in));
      }
      return all.toString();
    }
    // Nothing at all: the server ended the connection, as one does that is being promoted.
    return head.isEmpty() ? "" : head.substring(1);
  }

  /** Writes what it holds to disk; the next start reads it. */
  public void save() {
    command("SAVE");
  }

  /** As the power fails. */
  public void kill() {
    Process running = process;
    if (running != null) {
      running.destroyForcibly();
      try {
        running.waitFor(10, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
      process = null;
    }
  }

  /** Stops or continues it without its noticing: {@code STOP}, {@code CONT}. */
  public void signal(String name) throws IOException, InterruptedException {
    Process running = process;
    if (running != null) {
      new ProcessBuilder("kill", "-" + name, Long.toString(running.pid())).start().waitFor();
    }
  }

  @Override
  public void close() {
    kill();
    File[] files = directory.toFile().listFiles();
    if (files != null) {
      for (File file : files) {
        file.delete();
      }
    }
    directory.toFile().delete();
  }

  private boolean answers() {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
      socket.setSoTimeout(1_000);
      socket.getOutputStream().write("PING\r\n".getBytes(StandardCharsets.US_ASCII));
      return socket.getInputStream().read() == '+';
    } catch (IOException e) {
      return false;
    }
  }

  public static int freePort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static @Nullable Path binary() {
    if (!"embedded".equals(System.getProperty("heliograph.test.redis"))) {
      for (String folder : System.getenv().getOrDefault("PATH", "").split(File.pathSeparator)) {
        Path candidate = Path.of(folder, "redis-server");
        if (Files.isExecutable(candidate)) {
          return candidate;
        }
      }
    }
    try {
      return ExecutableProvider.newJarResourceProvider().get().toPath();
    } catch (IOException | RuntimeException e) {
      return null;
    }
  }
}

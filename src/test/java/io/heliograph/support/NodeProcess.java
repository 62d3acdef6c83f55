package io.heliograph.support;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** One node as a process of its own, which can be killed, paused and asked to end. */
public final class NodeProcess implements AutoCloseable {

  private static final String PRODUCT = "io.heliograph.HeliographApplication";

  private static final Duration PATIENCE = Duration.ofSeconds(120);

  /** Two of them: first the one for browsers and backends, then the one for management. */
  private static final Pattern STARTED = Pattern.compile("Jetty started on port (\\d+)");

  private static final Pattern ALL_IS_UP = Pattern.compile("Started \\w+ in [0-9.]+ seconds");

  /** A test that fails before it can close its nodes leaves none behind. */
  private static final Set<Process> RUNNING = ConcurrentHashMap.newKeySet();

  static {
    Runtime.getRuntime()
        .addShutdownHook(new Thread(() -> RUNNING.forEach(Process::destroyForcibly)));
  }

  private final Process process;
  private final Path log;
  private int port;
  private int managementPort;

  private NodeProcess(Process process, Path log) {
    this.process = process;
    this.log = log;
    RUNNING.add(process);
  }

  /** Begins to start one; {@link #awaitStarted()} is to follow. */
  public static NodeProcess starting(RedisServer redis, String... settings) {
    return starting(PRODUCT, redis, settings);
  }

  /**
   * @param main another main class than the product's
   */
  public static NodeProcess starting(String main, RedisServer redis, String... settings) {
    Stream<String> cluster =
        Stream.of("heliograph.broker=redis", "spring.data.redis.port=" + redis.port());
    return starting(main, Stream.concat(cluster, Stream.of(settings)));
  }

  /** As {@link #starting(RedisServer, String...)}, without a Redis. */
  public static NodeProcess alone(String... settings) {
    return starting(PRODUCT, Stream.of(settings));
  }

  private static NodeProcess starting(String main, Stream<String> settings) {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx192m",
                "-XX:+UseSerialGC",
                "-XX:TieredStopAtLevel=1",
                "-Xshare:auto",
                "-cp",
                System.getProperty("java.class.path"),
                main,
                "--server.port=0",
                "--management.server.port=0",
                "--heliograph.security.api-key=" + Node.API_KEY,
                "--heliograph.security.tokens.secret=" + Node.TOKEN_SECRET));
    settings.forEach(setting -> command.add("--" + setting));
    try {
      Path log = Files.createTempFile("node", ".log");
      return new NodeProcess(
          new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(log.toFile())
              .start(),
          log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public NodeProcess awaitStarted() {
    if (port != 0) {
      return this;
    }
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    while (true) {
      String soFar = log();
      if (ALL_IS_UP.matcher(soFar).find()) {
        Matcher ports = STARTED.matcher(soFar);
        port = nextPort(ports);
        managementPort = nextPort(ports);
        return this;
      }
      if (System.nanoTime() > deadline || !process.isAlive()) {
        throw new IllegalStateException(soFar);
      }
      pause();
    }
  }

  private static int nextPort(Matcher ports) {
    if (!ports.find()) {
      throw new IllegalStateException("a port is missing in the log");
    }
    return Integer.parseInt(ports.group(1));
  }

  /** Between two looks at a file; there is nothing that could be waited for. */
  private void pause() {
    try {
      process.waitFor(50, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  public int port() {
    return port;
  }

  public TestBackend backend() {
    return new TestBackend(port, Node.API_KEY);
  }

  /** What calls the management port; without need of the key it carries. */
  public TestBackend management() {
    return new TestBackend(managementPort, Node.API_KEY);
  }

  /** A number of the metrics, by its name and labels as they are scraped. */
  public double metric(String nameAndLabels) {
    return Node.metric(management(), nameAndLabels);
  }

  public String log() {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public boolean isAlive() {
    return process.isAlive();
  }

  /** {@code kill -9}. */
  public void kill() {
    process.destroyForcibly();
    await();
  }

  /** {@code STOP}, {@code CONT}, {@code TERM}. */
  public void signal(String name) {
    try {
      new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Bytes of heap that are in use after a full collection. */
  public double liveHeap() {
    try {
      Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
      new ProcessBuilder(jcmd.toString(), Long.toString(process.pid()), "GC.run")
          .redirectErrorStream(true)
          .redirectOutput(ProcessBuilder.Redirect.DISCARD)
          .start()
          .waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
    return Stream.of("Eden Space", "Survivor Space", "Tenured Gen")
        .mapToDouble(space -> metric("jvm_memory_used_bytes{area=\"heap\",id=\"" + space + "\"}"))
        .sum();
  }

  /** The exit code. */
  public int await() {
    try {
      if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
        throw new AssertionError("the node does not end:\n" + log());
      }
      return process.exitValue();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void close() {
    kill();
    RUNNING.remove(process);
    try {
      Files.deleteIfExists(log);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

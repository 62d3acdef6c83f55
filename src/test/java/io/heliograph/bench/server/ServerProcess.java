package io.heliograph.bench.server;

import java.io.IOException;
import java.net.BindException;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A server's process with its children: what it has used is read from outside. */
public final class ServerProcess implements AutoCloseable {

  /** Linux counts a process's time for others in these, whatever the kernel's own clock. */
  private static final long NANOS_A_TICK = 10_000_000;

  private static final Path LOGS = Path.of("target", "bench");

  private final Process process;
  private final int port;
  private final Path log;

  private ServerProcess(Process process, int port, Path log) {
    this.process = process;
    this.port = port;
    this.log = log;
    // Whatever ends the load ends the server, too.
    Runtime.getRuntime().addShutdownHook(new Thread(process::destroy));
  }

  /**
   * One that nobody has, below those that the kernel gives to the browsers' ends of connections:
   * one of them would be in the way.
   */
  static int freePort() throws IOException {
    for (int tries = 0; tries < 100; tries++) {
      int port = ThreadLocalRandom.current().nextInt(20_000, 32_000);
      try (ServerSocket socket = new ServerSocket(port)) {
        return socket.getLocalPort();
      } catch (BindException e) {
        // Somebody has it; another one.
      }
    }
    throw new IOException("no free port");
  }

  /** A file or folder that a server may write to; it lasts until the build folder is emptied. */
  static Path file(String name) throws IOException {
    Files.createDirectories(LOGS);
    return LOGS.resolve(name).toAbsolutePath();
  }

  /**
   * Starts it and waits until it answers.
   *
   * @param readyPath answered with success when the server is ready
   */
  static ServerProcess start(String name, int port, String readyPath, List<String> command)
      throws IOException {
    List<String> whole = new ArrayList<>(Cores.serverPrefix());
    whole.addAll(command);
    Path log = file(name + ".log");
    Process process =
        new ProcessBuilder(whole)
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .redirectInput(ProcessBuilder.Redirect.from(Path.of("/dev/null").toFile()))
            .start();
    var server = new ServerProcess(process, port, log);
    try {
      server.awaitReady(readyPath);
    } catch (IOException e) {
      server.close();
      throw e;
    }
    return server;
  }

  /** The command that runs a main class of this class path. */
  static List<String> java(Memory memory, Class<?> main, String... arguments) {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(memory.flags());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), main.getName()));
    command.addAll(List.of(arguments));
    return command;
  }

  private void awaitReady(String path) throws IOException {
    for (int tries = 0; tries < 600 && process.isAlive(); tries++) {
      if (answers(path)) {
        return;
      }
      try {
        TimeUnit.MILLISECONDS.sleep(100);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IOException(e);
      }
    }
    throw new IOException("the server did not become ready, see " + log);
  }

  private boolean answers(String path) {
    try (Socket socket = new Socket()) {
      socket.connect(new InetSocketAddress("127.0.0.1", port), 2_000);
      socket.setSoTimeout(5_000);
      String request = "GET " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      byte[] answer = socket.getInputStream().readNBytes(12);
      return new String(answer, StandardCharsets.US_ASCII).equals("HTTP/1.1 200");
    } catch (IOException e) {
      return false;
    }
  }

  public int port() {
    return port;
  }

  private Stream<ProcessHandle> all() {
    return Stream.concat(Stream.of(process.toHandle()), process.descendants());
  }

  /** The CPU time that it has used, of user and kernel, in nanoseconds. */
  public long cpuNanos() throws IOException {
    long ticks = 0;
    for (ProcessHandle each : all().toList()) {
      String stat = Files.readString(Path.of("/proc", each.pid() + "", "stat"));
      // The name may hold anything, so count from behind its bracket: state is field 3.
      String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
      ticks += Long.parseLong(fields[14 - 3]) + Long.parseLong(fields[15 - 3]);
    }
    return ticks * NANOS_A_TICK;
  }

  public long residentBytes() throws IOException {
    long bytes = 0;
    for (ProcessHandle each : all().toList()) {
      for (String line : Files.readAllLines(Path.of("/proc", each.pid() + "", "status"))) {
        if (line.startsWith("VmRSS:")) {
          bytes += Long.parseLong(line.replaceAll("\\D", "")) * 1024;
        }
      }
    }
    return bytes;
  }

  /** After a collection, of a Java server. */
  public LiveHeap liveHeap() throws IOException, InterruptedException {
    jcmd("GC.run");
    return LiveHeap.of(jcmd("GC.class_histogram"));
  }

  public boolean isJava() {
    return process.info().command().orElse("").endsWith("java");
  }

  private String jcmd(String command) throws IOException, InterruptedException {
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    Process run =
        new ProcessBuilder(jcmd.toString(), Long.toString(process.pid()), command)
            .redirectErrorStream(true)
            .start();
    String output = new String(run.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    run.waitFor();
    return output;
  }

  @Override
  public void close() {
    process.destroy();
    try {
      if (!process.waitFor(15, TimeUnit.SECONDS)) {
        process.descendants().forEach(ProcessHandle::destroyForcibly);
        process.destroyForcibly().waitFor();
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    }
  }
}

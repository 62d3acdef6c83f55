package io.heliograph.bench;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an idle session costs: live heap after a collection, and resident memory, as the slope
 * between several numbers of sessions, so that what the process costs without any cancels out. Each
 * session is registered, follows its own channel and {@code everyone}, and answers heartbeats.
 */
public final class IdleMemory {

  private static final int[] STEPS = {2_000, 4_000, 6_000, 8_000, 10_000};
  private static final int PORT = 18_080;
  private static final int MANAGEMENT_PORT = 18_081;

  private record Reading(int sessions, long heapBytes, long residentBytes) {}

  private IdleMemory() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    Process server = start();
    try (IdleSessions sessions = new IdleSessions(PORT)) {
      awaitReady();
      // Grown and thrown away once, so that classes, buffers and code are there before anything is
      // measured.
      sessions.growTo(1_000);
      sessions.serveFor(2_000);
      Reading first = null;
      System.out.println(
          "sessions   live heap KB   resident KB   heap/session B   resident/session B");
      for (int step : STEPS) {
        sessions.growTo(step);
        sessions.serveFor(7_000);
        Reading reading = readWhileServing(server, step, sessions);
        if (first == null) {
          first = reading;
        }
        int more = Math.max(1, reading.sessions() - first.sessions());
        System.out.printf(
            "%8d %14d %13d %16d %20d%n",
            step,
            reading.heapBytes() / 1024,
            reading.residentBytes() / 1024,
            (reading.heapBytes() - first.heapBytes()) / more,
            (reading.residentBytes() - first.residentBytes()) / more);
      }
      if (args.length > 0) {
        System.out.println(command(server, "GC.class_histogram"));
      }
    } finally {
      server.destroy();
      server.waitFor();
    }
  }

  private static Process start() throws IOException {
    String java = ProcessHandle.current().info().command().orElse("java");
    return new ProcessBuilder(
            List.of(
                java,
                "-Xms256m",
                "-Xmx256m",
                "-XX:+UseSerialGC",
                "-XX:+UseCompactObjectHeaders",
                "-cp",
                System.getProperty("java.class.path"),
                "io.heliograph.HeliographApplication",
                "--server.port=" + PORT,
                "--management.server.port=" + MANAGEMENT_PORT,
                "--heliograph.session.heartbeat=5s",
                "--heliograph.websocket.allowed-origins=http://localhost",
                "--logging.level.root=warn"))
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private static void awaitReady() throws InterruptedException, IOException {
    try (HttpClient http = HttpClient.newHttpClient()) {
      HttpRequest ready =
          HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + PORT + "/readyz")).build();
      for (int tries = 0; tries < 300; tries++) {
        try {
          if (http.send(ready, HttpResponse.BodyHandlers.discarding()).statusCode() == 200) {
            return;
          }
        } catch (IOException e) {
          // Not yet.
        }
        TimeUnit.MILLISECONDS.sleep(100);
      }
    }
    throw new IOException("the application did not become ready");
  }

  /** Pings go on being answered, or the server would rightly close silent sessions. */
  private static Reading readWhileServing(Process server, int step, IdleSessions sessions)
      throws IOException, InterruptedException {
    FutureTask<Reading> reading = new FutureTask<>(() -> read(server, step));
    Thread.ofPlatform().daemon().start(reading);
    while (!reading.isDone()) {
      sessions.serveFor(100);
    }
    try {
      return reading.get();
    } catch (ExecutionException e) {
      throw new IOException(e.getCause());
    }
  }

  private static Reading read(Process server, int sessions)
      throws IOException, InterruptedException {
    command(server, "GC.run");
    String histogram = command(server, "GC.class_histogram");
    Matcher total = Pattern.compile("(?m)^Total\\s+\\d+\\s+(\\d+)").matcher(histogram);
    if (!total.find()) {
      throw new IOException("no total in the histogram");
    }
    long resident = 0;
    for (String line : Files.readAllLines(Path.of("/proc", server.pid() + "", "status"))) {
      if (line.startsWith("VmRSS:")) {
        resident = Long.parseLong(line.replaceAll("\\D", "")) * 1024;
      }
    }
    return new Reading(sessions, Long.parseLong(total.group(1)), resident);
  }

  private static String command(Process server, String command)
      throws IOException, InterruptedException {
    Path jcmd = Path.of(System.getProperty("java.home"), "bin", "jcmd");
    Process process =
        new ProcessBuilder(jcmd.toString(), Long.toString(server.pid()), command)
            .redirectErrorStream(true)
            .start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    process.waitFor();
    return output;
  }
}

package io.heliograph.probe;

import java.io.IOException;
import java.io.PrintStream;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.net.http.WebSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;
import tools.jackson.databind.json.JsonMapper;

/**
 * An end-to-end check of a running service: opens a WebSocket, publishes a message to its session
 * and waits for it. The chart's {@code helm test} runs it from the application's image:
 *
 * <pre>java -cp heliograph.jar io.heliograph.probe.Probe http://heliograph:8080</pre>
 *
 * <p>A number after the address repeats the check that many times in sequence; the image build uses
 * this to train the AOT cache.
 *
 * <p>Environment: {@code HELIOGRAPH_PROBE_KEY_FILE}, a file with an API key (without it nothing is
 * published, and the report says so); {@code HELIOGRAPH_PROBE_PATH}, the WebSocket endpoint,
 * default {@code /ws}; {@code HELIOGRAPH_PROBE_TRUST_FILE}, the certificates to trust instead of
 * the JDK's. The exit code is 0 if all checks passed.
 */
public final class Probe {

  /** The timeout of each step, including the wait until the node is ready. */
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static final JsonMapper JSON = JsonMapper.shared();

  private final HttpClient http;
  private final URI service;
  private final String path;
  private final @Nullable String key;
  private final PrintStream report;

  Probe(HttpClient http, URI service, String path, @Nullable String key, PrintStream report) {
    this.http = http;
    this.service = service;
    this.path = path;
    this.key = key;
    this.report = report;
  }

  public static void main(String[] arguments) {
    System.exit(run(arguments, System.getenv()::get, System.out) ? 0 : 1);
  }

  /** A setting by its name; null when there is none. */
  interface Settings {
    @Nullable String get(String name);
  }

  static boolean run(String[] arguments, Settings settings, PrintStream report) {
    if (arguments.length < 1 || arguments.length > 2) {
      report.println(
          "usage: Probe <address of the service, such as http://localhost:8080> [number of"
              + " repetitions]");
      return false;
    }
    try {
      int times = arguments.length == 1 ? 1 : times(arguments[1]);
      String path = settings.get("HELIOGRAPH_PROBE_PATH");
      String trusted = settings.get("HELIOGRAPH_PROBE_TRUST_FILE");
      HttpClient.Builder http = HttpClient.newBuilder().connectTimeout(Duration.ofSeconds(5));
      if (trusted != null) {
        http.sslContext(TrustedCertificate.context(Path.of(trusted)));
      }
      try (HttpClient client = http.version(HttpClient.Version.HTTP_1_1).build()) {
        new Probe(
                client,
                URI.create(arguments[0]),
                path == null ? "/ws" : path,
                key(settings.get("HELIOGRAPH_PROBE_KEY_FILE")),
                report)
            .look(times);
        client.shutdownNow();
      }
      return true;
    } catch (IOException
        | ExecutionException
        | TimeoutException
        | IllegalStateException
        | IllegalArgumentException e) {
      report.println("FAILED: " + e);
      return false;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    }
  }

  private static int times(String argument) {
    int times = Integer.parseInt(argument);
    if (times < 1) {
      throw new IllegalArgumentException(
          "the number of repetitions must be 1 or more, but is " + argument);
    }
    return times;
  }

  private static @Nullable String key(@Nullable String file) throws IOException {
    return file == null || !Files.isRegularFile(Path.of(file))
        ? null
        : Files.readString(Path.of(file)).strip();
  }

  private void look(int times)
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    awaitReady();
    report.println("ready: " + service.resolve("/readyz"));
    report.println(journey());
    for (int left = times - 1; left > 0; left--) {
      journey();
    }
    if (times > 1) {
      report.println("repeated: " + times + " times in all");
    }
  }

  /** Runs the check once and describes the result. */
  private String journey()
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    Frames frames = new Frames();
    WebSocket socket = open(frames);
    try {
      String session = frames.next("welcome", PATIENCE).path("session").asString();
      String welcomed = "welcomed: session " + session + System.lineSeparator();
      if (key == null) {
        return welcomed + "NOT PUBLISHED: HELIOGRAPH_PROBE_KEY_FILE names no file with an API key";
      }
      String nonce = UUID.randomUUID().toString();
      push("session:" + session, nonce);
      String received;
      do {
        received = frames.next("message", PATIENCE).path("data").asString("");
      } while (!received.equals(nonce));
      return welcomed + "received: the message that was published to it";
    } finally {
      socket.abort();
    }
  }

  private void awaitReady() throws IOException, InterruptedException {
    long deadline = System.nanoTime() + PATIENCE.toNanos();
    HttpRequest request =
        HttpRequest.newBuilder(service.resolve("/readyz")).timeout(PATIENCE).build();
    while (true) {
      String answer;
      try {
        int status = http.send(request, BodyHandlers.discarding()).statusCode();
        if (status == 200) {
          return;
        }
        answer = "status " + status;
      } catch (java.net.ConnectException e) {
        answer = "no connection";
      }
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(
            "/readyz was not 200 within " + PATIENCE.toSeconds() + " s: " + answer);
      }
      TimeUnit.MILLISECONDS.sleep(500);
    }
  }

  /**
   * Connects with the API key, which also works where anonymous sessions are refused; without a
   * key, like a page of the service's own origin.
   */
  private WebSocket open(Frames frames)
      throws InterruptedException, ExecutionException, TimeoutException {
    URI address = URI.create(service.toString().replaceFirst("^http", "ws")).resolve(path);
    WebSocket.Builder socket = http.newWebSocketBuilder().subprotocols("heliograph.v1.json");
    if (key != null) {
      socket.header("Authorization", "Bearer " + key);
    } else {
      socket.header("Origin", service.getScheme() + "://" + service.getAuthority());
    }
    return socket.buildAsync(address, frames).get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
  }

  private void push(String channel, String nonce) throws IOException, InterruptedException {
    String body =
        JSON.createObjectNode()
            .put("event", "probe")
            .put("data", nonce)
            .put("ttl", "1m")
            .toString();
    var answer =
        http.send(
            HttpRequest.newBuilder(service.resolve("/v1/channels/" + channel + "/messages"))
                .timeout(PATIENCE)
                .header("Authorization", "Bearer " + key)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body))
                .build(),
            BodyHandlers.ofString());
    if (answer.statusCode() != 202) {
      throw new IllegalStateException(
          "the publish was answered with " + answer.statusCode() + ": " + answer.body());
    }
  }
}

package io.heliograph.support;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * An existing client on Node.js: a script of {@code io/heliograph/clients} with packages of npm. It
 * takes orders as JSON lines and says what happens as JSON lines, each with a {@code what}.
 */
public final class NodeClient implements AutoCloseable {

  private static final int PATIENCE_SECONDS = 60;
  private static final JsonMapper JSON = JsonMapper.shared();

  private final Process process;
  private final Writer orders;
  private final LinkedBlockingQueue<JsonNode> said = new LinkedBlockingQueue<>();

  private NodeClient(Process process) {
    this.process = process;
    this.orders = process.outputWriter(StandardCharsets.UTF_8);
  }

  /**
   * @param packages a folder of {@link Programs#npm}, the script's first argument
   */
  public static NodeClient start(String script, Path packages, String... arguments) {
    try {
      Path file = Path.of(NodeClient.class.getResource("/io/heliograph/clients/" + script).toURI());
      List<String> command = new java.util.ArrayList<>();
      command.addAll(List.of("node", file.toString(), packages.toString()));
      command.addAll(List.of(arguments));
      Process process =
          new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
      var client = new NodeClient(process);
      Thread.ofVirtual().start(client::read);
      return client;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (java.net.URISyntaxException e) {
      throw new IllegalStateException(e);
    }
  }

  private void read() {
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        said.add(JSON.readTree(line));
      }
    } catch (IOException e) {
      // It has ended.
    }
    said.add(JSON.createObjectNode().put("what", "exit"));
  }

  /**
   * @param fields names and values
   */
  public NodeClient order(String order, String... fields) {
    var json = JSON.createObjectNode().put("order", order);
    for (int i = 0; i < fields.length; i += 2) {
      json.put(fields[i], fields[i + 1]);
    }
    return order(json);
  }

  public NodeClient order(JsonNode order) {
    try {
      orders.write(order + "\n");
      orders.flush();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public JsonNode next() {
    try {
      JsonNode next = said.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
      if (next == null) {
        throw new AssertionError("nothing came");
      }
      return next;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException(e);
    }
  }

  /** The next is this. */
  public JsonNode next(String what) {
    JsonNode next = next();
    if (!next.path("what").asString("").equals(what)) {
      throw new AssertionError("expected " + what + ", got " + next);
    }
    return next;
  }

  /** This comes, maybe after something else. */
  public JsonNode until(String what) {
    JsonNode next = next();
    while (!next.path("what").asString("").equals(what)) {
      if (next.path("what").asString("").equals("exit")) {
        throw new AssertionError("the client has ended before " + what);
      }
      next = next();
    }
    return next;
  }

  /** It takes nothing off its connection from now on, as a page that is asleep. */
  public void freeze() {
    signal("STOP");
  }

  public void thaw() {
    signal("CONT");
  }

  private void signal(String name) {
    try {
      new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start().waitFor();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    process.destroyForcibly();
  }
}

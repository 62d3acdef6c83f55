package io.heliograph.support;

import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.function.IntFunction;
import java.util.stream.Stream;

/** An nginx in front of a node. It writes to its own directory only. */
public final class Nginx implements AutoCloseable {

  private final Process process;
  private final int port;

  private Nginx(Process process, int port) {
    this.process = process;
    this.port = port;
  }

  /**
   * Starts it; a test on a machine without nginx is skipped.
   *
   * @param server what is inside {@code http { }}, given the port to listen on
   */
  public static Nginx start(Path directory, IntFunction<String> server) throws IOException {
    Programs.need("nginx", "to run what stands behind a proxy");
    int port = freePort();
    Path configuration = directory.resolve("nginx.conf");
    String temporary =
        Stream.of("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
            .map(kind -> kind + "_temp_path " + directory.resolve(kind) + ";\n")
            .reduce("", String::concat);
    Files.writeString(
        configuration,
        "daemon off;\nmaster_process off;\npid "
            + directory.resolve("nginx.pid")
            + ";\nevents {}\nhttp {\naccess_log off;\n"
            + temporary
            + server.apply(port)
            + "}\n");
    String program = Files.isExecutable(Path.of("/usr/sbin/nginx")) ? "/usr/sbin/nginx" : "nginx";
    Process process =
        new ProcessBuilder(program, "-c", configuration.toString(), "-e", "stderr")
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("nginx.log").toFile())
            .start();
    await()
        .atMost(Duration.ofSeconds(30))
        .ignoreExceptions()
        .until(
            () -> {
              new Socket(InetAddress.getLoopbackAddress(), port).close();
              return true;
            });
    return new Nginx(process, port);
  }

  /**
   * Passes requests on to a node as nginx does out of the box: it buffers, and speaks HTTP/1.0.
   *
   * @param more what else is inside {@code location / { }}
   */
  public static Nginx plainly(int nodePort, Path directory, String more) throws IOException {
    return start(
        directory,
        port ->
            """
            server {
              listen 127.0.0.1:%d;
              location / {
                proxy_pass http://127.0.0.1:%d;
                proxy_set_header Host $http_host;
                %s
              }
            }
            """
                .formatted(port, nodePort, more));
  }

  /** Passes everything on to a node, WebSockets too. */
  public static Nginx before(int nodePort, Path directory) throws IOException {
    return plainly(
        nodePort,
        directory,
        """
        proxy_http_version 1.1;
        proxy_set_header Upgrade $http_upgrade;
        proxy_set_header Connection "upgrade";
        """);
  }

  public int port() {
    return port;
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @Override
  public void close() throws IOException {
    process.destroy();
    try {
      process.waitFor();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}

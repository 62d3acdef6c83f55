package io.heliograph.bench.server;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A plain server with the package {@code ws} on Node.js; npm puts the package into a folder. */
final class NodeWs {

  private static final String PACKAGE = "ws@8";

  private NodeWs() {}

  static @Nullable String missing() {
    if (Installed.program("node") == null || Installed.program("npm") == null) {
      return "node and npm";
    }
    try {
      return Files.isDirectory(install()) ? null : "the package ws, which npm could not install";
    } catch (IOException e) {
      return "a folder for the package ws";
    }
  }

  private static Path folder() throws IOException {
    Path folder = ServerProcess.file("node-ws");
    Files.createDirectories(folder);
    return folder;
  }

  private static Path install() throws IOException {
    Path installed = folder().resolve("node_modules").resolve("ws");
    if (!Files.isDirectory(installed)) {
      Installed.output(
          List.of(
              String.valueOf(Installed.program("npm")),
              "install",
              "--no-audit",
              "--no-fund",
              "--prefix",
              folder().toString(),
              PACKAGE));
    }
    return installed;
  }

  static Target start() throws IOException {
    Path script = folder().resolve("server.js");
    try (InputStream source = NodeWs.class.getResourceAsStream("node-ws.js")) {
      Files.copy(Objects.requireNonNull(source), script, StandardCopyOption.REPLACE_EXISTING);
    }
    int port = ServerProcess.freePort();
    List<String> command =
        List.of(
            String.valueOf(Installed.program("node")), script.toString(), Integer.toString(port));
    return new PlainTarget(
        Kind.NODE_WS.title(), ServerProcess.start("node-ws", port, "/ready", command));
  }

  static String version() {
    String node = Installed.output(List.of(String.valueOf(Installed.program("node")), "-v"));
    try {
      String manifest = Files.readString(install().resolve("package.json"));
      return "Node.js "
          + node
          + ", ws "
          + manifest.replaceAll("(?s).*\"version\": \"([^\"]+)\".*", "$1");
    } catch (IOException e) {
      return "Node.js " + node;
    }
  }
}

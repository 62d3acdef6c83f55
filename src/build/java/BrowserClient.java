import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.zip.Deflater;
import java.util.zip.GZIPOutputStream;

/**
 * Builds the browser client as an npm package: readable files, each joined from its modules, and
 * minified ones with their source maps. What the server serves is copied from there, with a
 * compressed copy of each file. Run as a source file on JDK 25, with the folder of the sources, the
 * folder that the server serves, and the working folder.
 */
class BrowserClient {

  /**
   * The complete client, the client without the fallback transports for blocked WebSockets, and the
   * client with one connection for all tabs.
   */
  private static final List<String> ENTRIES = List.of("heliograph", "core", "heliograph-tabs");

  /** Files that are copied unchanged. */
  private static final List<String> AS_THEY_ARE =
      List.of(
          "package.json",
          "README.md",
          "heliograph.d.ts",
          "react.js",
          "react.d.ts",
          "vue.js",
          "vue.d.ts");

  private static final List<String> SERVED =
      List.of(
          "heliograph.js",
          "heliograph.min.js",
          "heliograph.min.js.map",
          "heliograph-tabs.js",
          "heliograph-tabs.min.js",
          "heliograph-tabs.min.js.map",
          "heliograph.d.ts");

  private final Path sources;
  private final Path served;
  private final Path built;
  private final Minifier minifier;

  private BrowserClient(Path sources, Path served, Path work) {
    this.sources = sources;
    this.served = served;
    this.built = work.resolve("npm");
    this.minifier = new Minifier(sources, work.resolve("minifier"));
  }

  public static void main(String[] args) throws IOException, InterruptedException {
    new BrowserClient(Path.of(args[0]), Path.of(args[1]), Path.of(args[2])).build();
  }

  private void build() throws IOException, InterruptedException {
    Files.createDirectories(built);
    Files.createDirectories(served);
    for (String entry : ENTRIES) {
      join(entry);
    }
    for (String file : AS_THEY_ARE) {
      copy(sources.resolve(file), built.resolve(file));
    }
    for (String file : SERVED) {
      serve(file);
    }
  }

  private void join(String entry) throws IOException, InterruptedException {
    String source = Bundle.of(sources.resolve(entry + ".js"));
    Path joined = built.resolve(entry + ".js");
    Path minified = built.resolve(entry + ".min.js");
    Path map = built.resolve(entry + ".min.js.map");
    if (Files.exists(map) && source.equals(Files.readString(joined, UTF_8))) {
      return; // minified from the same source before
    }
    Files.writeString(joined, source, UTF_8);
    Files.deleteIfExists(map);
    String obstacle = minifier.minify(joined, minified);
    if (obstacle != null) {
      System.out.printf(
          "%s is the source itself, not minified: %s%n", minified.getFileName(), obstacle);
      Files.deleteIfExists(map);
      copy(joined, minified);
    }
  }

  private void serve(String file) throws IOException {
    Path target = served.resolve(file);
    Path compressed = served.resolve(file + ".gz");
    Files.deleteIfExists(target);
    Files.deleteIfExists(compressed);
    if (Files.exists(built.resolve(file))) {
      copy(built.resolve(file), target);
      Files.write(compressed, gzip(Files.readAllBytes(target)));
    }
  }

  private static byte[] gzip(byte[] content) throws IOException {
    var bytes = new ByteArrayOutputStream();
    try (var gzip =
        new GZIPOutputStream(bytes) {
          {
            def.setLevel(Deflater.BEST_COMPRESSION);
          }
        }) {
      gzip.write(content);
    }
    return bytes.toByteArray();
  }

  private static void copy(Path file, Path target) throws IOException {
    Files.copy(file, target, StandardCopyOption.REPLACE_EXISTING);
  }
}

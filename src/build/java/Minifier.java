import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * Minifies a JavaScript module with terser, which npm installs into the working folder, at the
 * version and with the digests of {@code package-lock.json}. Optional: without Node or a network
 * the build succeeds without minified files.
 */
class Minifier {

  private static final String TERSER = "node_modules/terser/bin/terser";

  /** Limits the wait for a registry that cannot be reached. */
  private static final int INSTALL_SECONDS = 60;

  private static final int MINIFY_SECONDS = 60;

  private final Path sources;
  private final Path folder;

  /** What came of the installation; null before it. One that failed is not tried for each file. */
  private Optional<String> obstacle;

  /**
   * @param sources the folder with package.json and package-lock.json
   */
  Minifier(Path sources, Path folder) {
    this.sources = sources;
    this.folder = folder;
  }

  /** Returns the reason of a failure, or null. Writes the source map beside the target. */
  String minify(Path source, Path target) throws IOException, InterruptedException {
    Optional<String> node = executable("node");
    if (node.isEmpty()) {
      return "there is no Node.js on the path";
    }
    if (obstacle == null) {
      obstacle = install();
    }
    if (obstacle.isPresent()) {
      return obstacle.get();
    }
    String name = target.getFileName().toString();
    List<String> command =
        List.of(
            node.get(),
            folder.resolve(TERSER).toString(),
            source.toString(),
            "--module",
            "--ecma=2022",
            "--compress=passes=3,unsafe_arrows,pure_getters",
            "--mangle",
            "--format=ascii_only",
            "--source-map",
            "url='%s.map',filename='%s',base='%s'".formatted(name, name, source.getParent()),
            "--output",
            target.toString());
    boolean done = run(command, Path.of(""), "terser.log", MINIFY_SECONDS);
    return done ? null : "terser failed, see " + folder.resolve("terser.log");
  }

  /** Returns the reason of a failure. */
  private Optional<String> install() throws IOException, InterruptedException {
    Files.createDirectories(folder);
    boolean same = true;
    for (String file : List.of("package.json", "package-lock.json")) {
      Path copy = folder.resolve(file);
      same &= Files.exists(copy) && Files.mismatch(sources.resolve(file), copy) == -1;
      Files.copy(sources.resolve(file), copy, StandardCopyOption.REPLACE_EXISTING);
    }
    if (same && Files.exists(folder.resolve(TERSER))) {
      return Optional.empty();
    }
    Optional<String> npm = executable("npm");
    if (npm.isEmpty()) {
      return Optional.of("there is no npm on the path");
    }
    List<String> options =
        List.of(
            "ci",
            "--ignore-scripts",
            "--prefer-offline",
            "--no-audit",
            "--no-fund",
            "--no-update-notifier",
            "--fetch-retries=0",
            "--fetch-timeout=15000");
    List<String> command = Stream.concat(npm.stream(), options.stream()).toList();
    boolean done = run(command, folder, "npm.log", INSTALL_SECONDS);
    return done && Files.exists(folder.resolve(TERSER))
        ? Optional.empty()
        : Optional.of("npm could not install terser, see " + folder.resolve("npm.log"));
  }

  private boolean run(List<String> command, Path directory, String log, int seconds)
      throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(command)
            .directory(directory.toAbsolutePath().toFile())
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve(log).toFile())
            .start();
    try {
      return process.waitFor(seconds, TimeUnit.SECONDS) && process.exitValue() == 0;
    } finally {
      process.descendants().forEach(ProcessHandle::destroy);
      process.destroy();
    }
  }

  private static Optional<String> executable(String name) {
    return Stream.of(System.getenv().getOrDefault("PATH", "").split(File.pathSeparator))
        .flatMap(
            place -> Stream.of(name, name + ".cmd", name + ".exe").map(Path.of(place)::resolve))
        .filter(Files::isRegularFile)
        .filter(Files::isExecutable)
        .map(Path::toString)
        .findFirst();
  }
}

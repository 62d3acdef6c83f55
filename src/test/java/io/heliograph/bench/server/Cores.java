package io.heliograph.bench.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Who runs where: with taskset and two cores the server has the one and the load the other. */
public final class Cores {

  private static final Path TASKSET = Path.of("/usr/bin/taskset");
  private static final String SERVER = "0";
  private static final String LOAD = "1";

  /** Asked once, before this process has put itself on one core. */
  private static final int COUNT = Runtime.getRuntime().availableProcessors();

  private static final boolean PINNED = COUNT > 1 && Files.isExecutable(TASKSET);

  private Cores() {}

  /** Puts this process, the load, on its core. */
  public static void pinLoad() throws IOException, InterruptedException {
    if (PINNED) {
      String self = Long.toString(ProcessHandle.current().pid());
      var pinning =
          new ProcessBuilder(TASKSET.toString(), "-a", "-c", "-p", LOAD, self)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start();
      if (pinning.waitFor() != 0) {
        throw new IOException("taskset could not move this process");
      }
    }
  }

  /** Before a server's command. */
  static List<String> serverPrefix() {
    return PINNED ? List.of(TASKSET.toString(), "-c", SERVER) : List.of();
  }

  /** Of the machine. */
  public static int count() {
    return COUNT;
  }

  public static String conditions() {
    return PINNED
        ? "server on core " + SERVER + ", load on core " + LOAD + " (taskset)"
        : "server and load share all cores (no taskset, or one core)";
  }
}

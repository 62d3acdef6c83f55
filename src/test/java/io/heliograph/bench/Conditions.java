package io.heliograph.bench;

import io.heliograph.bench.server.Cores;
import io.heliograph.bench.server.Kind;
import io.heliograph.bench.server.Memory;
import io.heliograph.bench.server.Versions;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Under what a table was measured: without it the figures say nothing. */
final class Conditions {

  private Conditions() {}

  static void print(PrintStream out, Sizes sizes, List<Kind> kinds) throws IOException {
    out.println("Conditions");
    out.println(
        "- machine: " + processors() + ", " + field("/proc/meminfo", "MemTotal") + " of memory");
    out.println(
        "- kernel: Linux "
            + Files.readString(Path.of("/proc/sys/kernel/osrelease")).strip()
            + "; load before the run: "
            + Files.readString(Path.of("/proc/loadavg")).strip());
    out.println("- " + Cores.conditions() + "; loopback, no TLS, no compression");
    out.println(
        "- "
            + sizes.browsers()
            + " browsers from 32 addresses, "
            + sizes.payload()
            + " bytes of data a message; warmed up for "
            + sizes.warmSeconds()
            + " s and until that makes no difference");
    out.println("- flags of Java servers: " + String.join(" ", Memory.LARGE.flags()));
    out.println("  and, for what a session costs: " + String.join(" ", Memory.SMALL.flags()));
    for (Kind kind : kinds) {
      out.println("- " + kind.title() + ": " + Versions.of(kind));
    }
    out.println();
  }

  private static String processors() throws IOException {
    return Cores.count() + " × " + field("/proc/cpuinfo", "model name");
  }

  private static String field(String file, String name) throws IOException {
    try (var lines = Files.lines(Path.of(file))) {
      return lines
          .filter(line -> line.startsWith(name))
          .findFirst()
          .map(line -> line.substring(line.indexOf(':') + 1).strip())
          .orElse("?");
    }
  }
}

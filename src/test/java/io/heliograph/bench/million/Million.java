package io.heliograph.bench.million;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The simulated million: what so many sessions cost in heap, and what a broadcast to all, a round
 * of heartbeats and the collector's pauses take; one column a collector, each in a JVM of its own.
 * Sockets are not in it: add what {@code IdleMemory} says of a session more than this, and the
 * kernel's part. Options: {@code --sessions=1000000 --heap=6g --collectors=Serial,Parallel,G1,Z}.
 */
public final class Million {

  private Million() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    String sessions = option(args, "sessions", "1000000");
    String heap = option(args, "heap", "6g");
    List<String> collectors =
        List.of(option(args, "collectors", "Serial,Parallel,G1,Z").split(",", -1));
    Map<String, List<String>> cellsByRow = new LinkedHashMap<>();
    for (String collector : collectors) {
      run(collector, heap, sessions, cellsByRow);
    }
    System.out.println("Conditions");
    System.out.println("- " + sessions + " sessions without sockets, three channels each");
    System.out.println(
        "- Java "
            + Runtime.version()
            + ", "
            + Runtime.getRuntime().availableProcessors()
            + " cores, "
            + String.join(" ", flags("<collector>", heap)));
    System.out.println();
    System.out.println("| | " + String.join(" | ", collectors) + " |");
    System.out.println("|---" + "|---:".repeat(collectors.size()) + "|");
    cellsByRow.forEach(
        (row, cells) -> System.out.println("| " + row + " | " + String.join(" | ", cells) + " |"));
  }

  private static String option(String[] args, String name, String otherwise) {
    String prefix = "--" + name + "=";
    for (String arg : args) {
      if (arg.startsWith(prefix)) {
        return arg.substring(prefix.length());
      }
    }
    return otherwise;
  }

  private static List<String> flags(String collector, String heap) {
    return List.of(
        "-Xms" + heap,
        "-Xmx" + heap,
        "-XX:+UseCompactObjectHeaders",
        "-XX:+Use" + collector + "GC");
  }

  private static void run(
      String collector, String heap, String sessions, Map<String, List<String>> cellsByRow)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(flags(collector, heap));
    command.addAll(
        List.of(
            "-cp", System.getProperty("java.class.path"), MillionRun.class.getName(), sessions));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    try (var lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line = lines.readLine();
      while (line != null) {
        take(collector, line, cellsByRow);
        line = lines.readLine();
      }
    } finally {
      process.destroy();
    }
    if (process.waitFor() != 0) {
      throw new IOException("the run with " + collector + " failed");
    }
  }

  private static void take(String collector, String line, Map<String, List<String>> cellsByRow) {
    if (!line.startsWith(MillionRun.FIGURE)) {
      System.out.println(line);
      return;
    }
    String[] figure = line.split("\t", -1);
    double value = Double.parseDouble(figure[2]);
    String shown = String.format(Locale.ROOT, value >= 100 ? "%,.0f" : "%.2f", value);
    System.out.println(collector + ": " + figure[1] + " " + shown);
    cellsByRow.computeIfAbsent(figure[1], _ -> new ArrayList<>()).add(shown);
  }
}

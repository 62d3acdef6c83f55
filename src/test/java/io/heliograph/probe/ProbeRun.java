package io.heliograph.probe;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.stream.Stream;

/** One run of the probe in this process. */
public record ProbeRun(boolean passed, String report) {

  public static ProbeRun of(int port, Path keyFile, String... further) {
    ByteArrayOutputStream report = new ByteArrayOutputStream();
    boolean passed =
        Probe.run(
            Stream.concat(Stream.of("http://127.0.0.1:" + port), Stream.of(further))
                .toArray(String[]::new),
            name -> name.equals("HELIOGRAPH_PROBE_KEY_FILE") ? keyFile.toString() : null,
            new PrintStream(report, true, StandardCharsets.UTF_8));
    return new ProbeRun(passed, report.toString(StandardCharsets.UTF_8));
  }
}

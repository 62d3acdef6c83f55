package io.heliograph.probe;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** One run of the probe in this process. */
public record ProbeRun(boolean passed, String report) {

  public static ProbeRun of(int port, Path keyFile) {
    ByteArrayOutputStream report = new ByteArrayOutputStream();
    boolean passed =
        Probe.run(
            new String[] {"http://127.0.0.1:" + port},
            name -> name.equals("HELIOGRAPH_PROBE_KEY_FILE") ? keyFile.toString() : null,
            new PrintStream(report, true, StandardCharsets.UTF_8));
    return new ProbeRun(passed, report.toString(StandardCharsets.UTF_8));
  }
}

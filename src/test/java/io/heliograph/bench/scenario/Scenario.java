package io.heliograph.bench.scenario;

import io.heliograph.bench.Report;
import io.heliograph.bench.Sizes;
import io.heliograph.bench.server.Kind;
import java.io.IOException;

/** One kind of load. It starts the server anew, loads it, reports, and ends it. */
@FunctionalInterface
public interface Scenario {
  void run(Kind kind, Sizes sizes, Report report) throws IOException;
}

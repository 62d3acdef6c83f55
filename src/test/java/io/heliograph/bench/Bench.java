package io.heliograph.bench;

import io.heliograph.bench.scenario.Connect;
import io.heliograph.bench.scenario.FanOut;
import io.heliograph.bench.scenario.Idle;
import io.heliograph.bench.scenario.ReconnectStorm;
import io.heliograph.bench.scenario.Scenario;
import io.heliograph.bench.scenario.SlowReaders;
import io.heliograph.bench.scenario.Unicast;
import io.heliograph.bench.server.Cores;
import io.heliograph.bench.server.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The measurement: every scenario against this project's server and its peers, side by side in one
 * run, printed as one table with its conditions. Options, after {@code
 * -Dspring-boot.run.arguments=}:
 *
 * <pre>
 * --small               shows in a few minutes that all of it runs; its figures mean nothing
 * --scenarios=a,b       some of connect, idle, fan-out, unicast, slow-readers, storm
 * --servers=a,b         some of heliograph, floor, nchan, node-ws, spring-jetty
 * --repeats=3           the table shows medians
 * --browsers=10000      connections
 * --rate=10000          pushes to one browser a second
 * </pre>
 */
public final class Bench {

  private static final Map<String, Scenario> SCENARIOS = new LinkedHashMap<>();

  static {
    SCENARIOS.put("connect", new Connect());
    SCENARIOS.put("idle", new Idle(false));
    SCENARIOS.put("fan-out", new FanOut());
    SCENARIOS.put("unicast", new Unicast());
    SCENARIOS.put("slow-readers", new SlowReaders());
    SCENARIOS.put("storm", new ReconnectStorm());
  }

  private Bench() {}

  public static void main(String[] args) throws IOException, InterruptedException {
    Options options = new Options(List.of(args));
    Sizes sizes = options.has("small") ? Sizes.small() : Sizes.usual();
    sizes = sizes.withBrowsers(options.number("browsers", sizes.browsers()));
    sizes = sizes.withRate(options.number("rate", sizes.pushesPerSecond()));
    List<String> scenarios = options.list("scenarios", SCENARIOS.keySet());
    int repeats = options.number("repeats", 1);
    Report report = new Report();
    List<Kind> kinds = present(options, report);

    Cores.pinLoad();
    Conditions.print(System.out, sizes, kinds);
    for (String name : scenarios) {
      Scenario scenario = SCENARIOS.get(name);
      if (scenario == null) {
        throw new IllegalArgumentException("no scenario " + name + ": " + SCENARIOS.keySet());
      }
      for (int i = 0; i < repeats; i++) {
        for (Kind kind : kinds) {
          measure(scenario, name, kind, sizes, report);
        }
      }
    }
    report.print(System.out, kinds);
  }

  /** A peer that cannot bear it has an empty column; this project's server has to. */
  private static void measure(Scenario scenario, String name, Kind kind, Sizes sizes, Report report)
      throws IOException {
    System.out.println(name + ", " + kind.title());
    try {
      scenario.run(kind, sizes, report);
    } catch (IOException e) {
      if (kind == Kind.HELIOGRAPH) {
        throw e;
      }
      report.note(kind.title() + " did not end " + name + ": " + e.getMessage());
    }
  }

  private static List<Kind> present(Options options, Report report) {
    List<String> all = List.of(Kind.values()).stream().map(Kind::option).toList();
    List<String> wanted = options.list("servers", all);
    List<Kind> present = new ArrayList<>();
    for (Kind kind : Kind.values()) {
      if (wanted.contains(kind.option())) {
        String missing = kind.missing();
        if (missing == null) {
          present.add(kind);
        } else {
          report.note("no column " + kind.title() + ": this machine lacks " + missing);
        }
      }
    }
    return present;
  }
}

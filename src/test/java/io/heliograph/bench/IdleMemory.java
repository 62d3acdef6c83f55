package io.heliograph.bench;

import io.heliograph.bench.scenario.Idle;
import io.heliograph.bench.server.Audience;
import io.heliograph.bench.server.Kind;
import java.io.IOException;
import java.util.List;

/**
 * What an idle session costs this project's server: one scenario of {@link Bench}, alone and
 * quickly: a WebSocket, or with the argument {@code sse} an event stream. With {@code classes} it
 * also prints the classes that a session's heap consists of.
 */
public final class IdleMemory {

  private IdleMemory() {}

  public static void main(String[] args) throws IOException {
    Report report = new Report();
    List<String> arguments = List.of(args);
    Audience audience = arguments.contains("sse") ? Audience.STREAMS : Audience.TOPIC;
    new Idle(arguments.contains("classes"), audience).run(Kind.HELIOGRAPH, Sizes.usual(), report);
    report.print(System.out, List.of(Kind.HELIOGRAPH));
  }
}

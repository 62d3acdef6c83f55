package io.heliograph.bench.server;

import io.heliograph.bench.load.Backends;
import io.heliograph.bench.load.Greeting;
import java.io.IOException;

/**
 * A peer: browsers connect to {@code /sub/<address>}, a backend posts the bare payload to {@code
 * /pub/<address>}. Nothing is checked and nothing kept, so a peer does less than this project does.
 */
record PlainTarget(String name, ServerProcess process) implements Target {

  /** One of the main classes here, which take the port as their argument. */
  static PlainTarget java(String name, Memory memory, Class<?> main) throws IOException {
    int port = ServerProcess.freePort();
    return new PlainTarget(
        name,
        ServerProcess.start(
            name, port, "/ready", ServerProcess.java(memory, main, Integer.toString(port))));
  }

  private static String address(Audience audience, int index) {
    return switch (audience) {
      case TOPIC, STREAMS -> "all";
      case NOBODY, EACH -> Integer.toString(index);
    };
  }

  @Override
  public Greeting greeting(Audience audience, int index) {
    return Greeting.plain("/sub/" + address(audience, index));
  }

  @Override
  public byte[] push(Audience audience, int index, String json) {
    return Backends.post("/pub/" + address(audience, index), "application/json", json);
  }

  @Override
  public void close() {
    process.close();
  }
}

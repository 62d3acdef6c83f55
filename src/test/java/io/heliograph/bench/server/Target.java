package io.heliograph.bench.server;

import io.heliograph.bench.load.Greeting;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A server under test: how browsers come in there, and how a backend reaches them. */
public interface Target extends AutoCloseable {

  /** The column's head in the table. */
  String name();

  ServerProcess process();

  default InetSocketAddress address() {
    return new InetSocketAddress("127.0.0.1", process().port());
  }

  /** How the so-manieth browser comes in. */
  Greeting greeting(Audience audience, int index);

  /**
   * A request that pushes.
   *
   * @param index the browser, for {@link Audience#EACH}
   * @param json the data
   */
  byte[] push(Audience audience, int index, String json);

  /** One request that pushes to many browsers, each its own; null when the server has none. */
  default byte @Nullable [] bulk(List<Integer> indexes, String json) {
    return null;
  }

  @Override
  void close() throws IOException;
}

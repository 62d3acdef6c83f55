package io.heliograph.bench.server;

import java.io.IOException;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** What can be measured, in the order of the table's columns. */
public enum Kind {
  HELIOGRAPH("Heliograph", "") {
    @Override
    public Target start(Memory memory) throws IOException {
      return new Heliograph(memory);
    }
  },
  FLOOR("floor", "one thread, one write() a copy, nothing else") {
    @Override
    public Target start(Memory memory) throws IOException {
      return PlainTarget.java("floor", memory, FloorServer.class);
    }
  },
  NCHAN("Nchan", "nginx with libnginx-mod-nchan") {
    @Override
    public @Nullable String missing() {
      return Nchan.missing();
    }

    @Override
    public Target start(Memory memory) throws IOException {
      return Nchan.start();
    }
  },
  NODE_WS("node ws", "Node.js with the package ws") {
    @Override
    public @Nullable String missing() {
      return NodeWs.missing();
    }

    @Override
    public Target start(Memory memory) throws IOException {
      return NodeWs.start();
    }
  },
  SPRING_JETTY("Spring+Jetty", "Spring's stock WebSocket handler on Jetty") {
    @Override
    public Target start(Memory memory) throws IOException {
      return PlainTarget.java("spring-jetty", memory, SpringOnJetty.class);
    }
  };

  private final String title;
  private final String what;

  Kind(String title, String what) {
    this.title = title;
    this.what = what;
  }

  public String title() {
    return title;
  }

  public String what() {
    return what;
  }

  /** How it is named on the command line. */
  public String option() {
    return name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  /** What has to be installed for it; null when it is there. */
  public @Nullable String missing() {
    return null;
  }

  /** Starts it, and waits until it answers. */
  public abstract Target start(Memory memory) throws IOException;
}

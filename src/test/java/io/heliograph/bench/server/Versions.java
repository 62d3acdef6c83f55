package io.heliograph.bench.server;

import org.eclipse.jetty.server.Server;
import org.springframework.boot.SpringBootVersion;

/** What exactly was measured. */
public final class Versions {

  private Versions() {}

  public static String of(Kind kind) {
    return switch (kind) {
      case HELIOGRAPH -> "this build, with its own settings; " + spring();
      case FLOOR -> kind.what() + "; " + java();
      case NCHAN -> Nchan.version();
      case NODE_WS -> NodeWs.version();
      case SPRING_JETTY -> kind.what() + "; " + spring();
    };
  }

  private static String java() {
    return "Java " + Runtime.version();
  }

  private static String spring() {
    return "Spring Boot "
        + SpringBootVersion.getVersion()
        + ", Jetty "
        + Server.getVersion()
        + ", "
        + java();
  }
}

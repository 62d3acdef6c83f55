package io.heliograph.bench.server;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Nchan as Debian packs it: one worker, everything of it on one port. */
final class Nchan {

  private static final Path MODULE = Path.of("/usr/lib/nginx/modules/ngx_nchan_module.so");

  /** %1$s folder, %2$d port. */
  @SuppressWarnings("InlineFormatString") // a whole file
  private static final String CONFIGURATION =
      """
      load_module %3$s;
      user root;
      worker_processes 1;
      daemon off;
      pid %1$s/nginx.pid;
      error_log %1$s/error.log warn;
      worker_rlimit_nofile 20000;
      events { worker_connections 19000; }
      http {
        access_log off;
        keepalive_requests 1000000000;
        client_body_buffer_size 64k;
        client_body_temp_path %1$s/body;
        proxy_temp_path %1$s/proxy;
        fastcgi_temp_path %1$s/fastcgi;
        uwsgi_temp_path %1$s/uwsgi;
        scgi_temp_path %1$s/scgi;
        nchan_shared_memory_size 256M;
        server {
          listen 127.0.0.1:%2$d backlog=1024;
          location = /ready { return 200; }
          location ~ ^/sub/(\\w+)$ {
            nchan_subscriber websocket;
            nchan_channel_id $1;
            nchan_subscriber_first_message newest;
            nchan_websocket_ping_interval 25;
          }
          location ~ ^/pub/(\\w+)$ {
            nchan_publisher;
            nchan_channel_id $1;
          }
        }
      }
      """;

  private Nchan() {}

  static @Nullable String missing() {
    return Installed.program("nginx") != null && Files.exists(MODULE)
        ? null
        : "nginx-light and libnginx-mod-nchan (Debian)";
  }

  static Target start() throws IOException {
    Path nginx = Installed.program("nginx");
    if (nginx == null) {
      throw new IOException("nginx is not installed");
    }
    Path folder = ServerProcess.file("nchan");
    Files.createDirectories(folder);
    int port = ServerProcess.freePort();
    Path configuration = folder.resolve("nginx.conf");
    Files.writeString(configuration, CONFIGURATION.formatted(folder, port, MODULE));
    List<String> command =
        List.of(
            nginx.toString(),
            "-p",
            folder.toString(),
            "-e",
            folder.resolve("error.log").toString(),
            "-c",
            configuration.toString());
    return new PlainTarget(
        Kind.NCHAN.title(), ServerProcess.start("nchan", port, "/ready", command));
  }

  static String version() {
    String nginx = String.valueOf(Installed.program("nginx"));
    return Installed.output(List.of(nginx, "-v")).replace("nginx version: ", "")
        + ", libnginx-mod-nchan "
        + Installed.output(List.of("dpkg-query", "-W", "-f", "${Version}", "libnginx-mod-nchan"));
  }
}

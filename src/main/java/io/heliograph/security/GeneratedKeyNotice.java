package io.heliograph.security;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.springframework.boot.context.event.ApplicationReadyEvent;
import org.springframework.context.event.EventListener;
import org.springframework.core.env.Environment;
import org.springframework.stereotype.Component;

/** Logs the generated API key once, when the port is known, as a line for a shell. */
@Component
class GeneratedKeyNotice {

  private static final Logger log = LoggerFactory.getLogger(GeneratedKeyNotice.class);

  private final ApiKeys keys;
  private final Environment environment;

  GeneratedKeyNotice(ApiKeys keys, Environment environment) {
    this.keys = keys;
    this.environment = environment;
  }

  @EventListener
  void show(ApplicationReadyEvent ready) {
    String key = keys.takeGenerated();
    if (key != null) {
      log.warn(
          """
          No API key is configured, so one was generated. It is shown only here and is valid until this process ends.

              export HELIOGRAPH_KEY={}
              curl -X POST http://localhost:{}/v1/channels/everyone/messages \\
                -H "Authorization: Bearer $HELIOGRAPH_KEY" -H 'Content-Type: application/json' \\
                -d '{"event":"greeting","data":{"text":"Hello, browsers"}}'

          To use a permanent key, set HELIOGRAPH_SECURITY_API_KEY.
          """,
          key,
          environment.getProperty(
              "local.server.port", environment.getProperty("server.port", "8080")));
    }
  }
}

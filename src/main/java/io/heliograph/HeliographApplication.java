package io.heliograph;

import io.heliograph.hub.Drain;
import io.heliograph.hub.TerminationSignals;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/** Starts one Heliograph node. */
@SpringBootApplication
@ConfigurationPropertiesScan
public class HeliographApplication {

  public static void main(String[] args) {
    TerminationSignals signals = TerminationSignals.listen();
    signals.hasten(SpringApplication.run(HeliographApplication.class, args).getBean(Drain.class));
  }
}

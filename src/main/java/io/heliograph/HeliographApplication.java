package io.heliograph;

import io.heliograph.hub.Drain;
import io.heliograph.hub.TerminationSignals;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import org.springframework.context.ApplicationContext;

/** Starts one Heliograph node. */
@SpringBootApplication
@ConfigurationPropertiesScan
public class HeliographApplication {

  public static void main(String[] args) {
    ApplicationContext node = SpringApplication.run(HeliographApplication.class, args);
    TerminationSignals.goTo(node.getBean(Drain.class));
  }
}

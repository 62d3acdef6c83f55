package io.heliograph;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;
import sun.misc.Signal;

/** Starts one Heliograph node. */
@SpringBootApplication
@ConfigurationPropertiesScan
public class HeliographApplication {

  public static void main(String[] args) {
    // To be asked to stop is no failure: Java's own answer would be 143. The drain runs either way.
    Signal.handle(new Signal("TERM"), _ -> System.exit(0));
    SpringApplication.run(HeliographApplication.class, args);
  }
}

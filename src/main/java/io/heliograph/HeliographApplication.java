package io.heliograph;

import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.boot.context.properties.ConfigurationPropertiesScan;

/** Starts one Heliograph node. */
@SpringBootApplication
@ConfigurationPropertiesScan
public class HeliographApplication {

  public static void main(String[] args) {
    SpringApplication.run(HeliographApplication.class, args);
  }
}

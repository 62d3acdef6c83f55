package io.heliograph.support;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

class LogScanTests {

  @Test
  void aSecretInALineIsFound() {
    String secret = LogScan.secret("a-secret-of-this-test-alone");
    try (var scan = new LogScan()) {
      scan.requireNoSecret();
      LoggerFactory.getLogger(LogScanTests.class).info("somebody came with {}", secret);
      assertThatThrownBy(scan::requireNoSecret).isInstanceOf(AssertionError.class);
    }
  }
}

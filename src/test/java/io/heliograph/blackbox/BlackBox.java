package io.heliograph.blackbox;

import io.heliograph.support.LogScan;
import io.heliograph.support.ManualClock;
import io.heliograph.support.TestBackend;
import io.heliograph.support.TestBrowser;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.context.TestConfiguration;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Import;
import org.springframework.context.annotation.Primary;

/**
 * The service over real HTTP and WebSocket, as a browser and a backend see it. All subclasses
 * without settings of their own share one running service, so each test has users and topics of its
 * own. No line that is logged holds a secret.
 */
@SpringBootTest(
    webEnvironment = WebEnvironment.RANDOM_PORT,
    properties = {
      "management.server.port=0",
      "heliograph.security.api-keys[0].name=backend",
      "heliograph.security.api-keys[0].key=" + BlackBox.KEY,
      "heliograph.security.api-keys[0].scopes=admin",
      "heliograph.security.api-keys[1].name=watcher",
      "heliograph.security.api-keys[1].key=" + BlackBox.SESSIONS_ONLY_KEY,
      "heliograph.security.api-keys[1].scopes=sessions",
      "heliograph.callbacks.sources.shop.scheme=standard-webhooks",
      "heliograph.callbacks.sources.shop.secrets[0].value=" + BlackBox.SHOP_SECRET,
      "heliograph.callbacks.sources.shop.secrets[0].not-after=2199-01-01T00:00:00Z",
      "heliograph.callbacks.sources.shop.allowed-types=message.push",
      "heliograph.callbacks.sources.shop.allowed-channels=user:*"
    })
@Import(BlackBox.Time.class)
abstract class BlackBox {

  static final String KEY = "Yt5wQ8nZr2Lk7VxJ4mCs9PbH3dGf6Ea1";
  static final String SESSIONS_ONLY_KEY = "Hj3kW9xTq6Rv1NzB8yLm5GcP2sDf7Ku4";

  /** Retiring, and it may push to users. */
  static final String SHOP_SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

  private static final AtomicInteger NAMES = new AtomicInteger();

  @LocalServerPort int port;

  /** The system's clock, which a test can put forward. */
  @TestConfiguration(proxyBeanMethods = false)
  static class Time {

    @Bean
    @Primary
    ManualClock manualClock() {
      return ManualClock.running();
    }
  }

  @Autowired ManualClock clock;
  @Autowired MeterRegistry meters;

  TestBackend backend;
  TestBrowser browser;
  private LogScan logs;

  @BeforeEach
  void begin() {
    logs = new LogScan();
    backend = new TestBackend(port, KEY);
    browser = new TestBrowser(backend);
  }

  @AfterEach
  void end() {
    browser.close();
    logs.requireNoSecret();
    logs.close();
  }

  /** A name that no other test uses. */
  static String fresh(String prefix) {
    return prefix + NAMES.incrementAndGet();
  }

  double count(String meter, String tag, String value) {
    return meters.find(meter).tag(tag, value).counters().stream().mapToDouble(Counter::count).sum();
  }

  /** The service is as well as before: a new client connects and gets a message. */
  void alive() {
    String user = fresh("alive");
    try (var another = new TestBrowser(backend)) {
      var tab = another.connect(user);
      backend.pushAll("user:" + user, "well");
      tab.receives("well").thenNothing();
    }
  }
}

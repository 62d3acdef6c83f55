package io.heliograph.demo;

import io.heliograph.HeliographApplication;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.Map;
import org.springframework.boot.EnvironmentPostProcessor;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.bootstrap.ConfigurableBootstrapContext;
import org.springframework.core.env.ConfigurableEnvironment;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;

/** Opens a port for the backend of the examples, and points Heliograph's settings at it. */
final class DemoSettings implements EnvironmentPostProcessor {

  private static final int SECRET_BYTES = 32;

  private final ConfigurableBootstrapContext bootstrap;

  DemoSettings(ConfigurableBootstrapContext bootstrap) {
    this.bootstrap = bootstrap;
  }

  /** Open before the settings are read, since they name it. */
  record Port(ServerSocketChannel socket) {
    static Port open() {
      try {
        InetSocketAddress any = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        return new Port(ServerSocketChannel.open().bind(any));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  @Override
  public void postProcessEnvironment(
      ConfigurableEnvironment environment, SpringApplication application) {
    // Benchmarks and the echo server are started in the same way, and have no examples.
    if (!environment.containsProperty("heliograph-demonstration")
        || !application.getAllSources().contains(HeliographApplication.class)) {
      return;
    }
    Port port = Port.open();
    byte[] secret = new byte[SECRET_BYTES];
    new SecureRandom().nextBytes(secret);
    String host = InetAddress.getLoopbackAddress().getHostName();
    String url = "http://" + host + ':' + port.socket().socket().getLocalPort();
    Map<String, Object> settings =
        Map.of(
            "heliograph.upstream.url",
            url + "/calls",
            "heliograph.upstream.upload-url",
            url + "/uploads",
            "heliograph.upstream.secret",
            "whsec_" + Base64.getEncoder().encodeToString(secret),
            "heliograph.upstream.methods",
            "demo.*",
            "heliograph.upstream.allow-internal",
            host);
    // Before application.yml, and after what whoever starts this says.
    environment
        .getPropertySources()
        .addAfter(
            StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
            new MapPropertySource("demonstration", settings));
    bootstrap.addCloseListener(
        closed ->
            closed
                .getApplicationContext()
                .getBeanFactory()
                .registerSingleton("demoBackendPort", port));
  }
}

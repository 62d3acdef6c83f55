package io.heliograph.transport.websocket;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliograph.server.AdmissionProperties;
import io.heliograph.web.OriginProperties;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.bind.Binder;
import org.springframework.boot.context.properties.source.MapConfigurationPropertySource;
import org.springframework.util.unit.DataSize;

class WebSocketPropertiesTests {

  private static WebSocketProperties bind(Map<String, String> settings) {
    return new Binder(new MapConfigurationPropertySource(settings))
        .bindOrCreate("heliograph.websocket", WebSocketProperties.class);
  }

  private static AdmissionProperties bindAdmission(Map<String, String> settings) {
    return new Binder(new MapConfigurationPropertySource(settings))
        .bindOrCreate("heliograph.websocket", AdmissionProperties.class);
  }

  private static OriginProperties bindOrigins(Map<String, String> settings) {
    return new Binder(new MapConfigurationPropertySource(settings))
        .bindOrCreate("heliograph.websocket", OriginProperties.class);
  }

  @Test
  void nothingSetIsStrictAndSmall() {
    WebSocketProperties properties = bind(Map.of());
    assertThat(properties.path()).isEqualTo("/ws");
    assertThat(properties.maxFrame()).isEqualTo(DataSize.ofKilobytes(8));
    assertThat(bindOrigins(Map.of()).allowedOrigins()).isEmpty();
    assertThat(bindAdmission(Map.of()).handshakeTimeout()).hasSeconds(10);
  }

  @ParameterizedTest
  @CsvSource({
    "path,ws",
    "max-frame,10B",
    "max-frame,2GB",
    "allowed-origins,*",
    "allowed-origins,null",
    "allowed-origins,example.org",
    "allowed-origins,https://example.org/",
    "allowed-origins,https://*.example.org",
    "handshake-timeout,0s",
    "half-open-per-address,-1",
    "handshakes-waiting,0"
  })
  void nonsenseStopsTheStartAndNamesTheSetting(String name, String value) {
    Map<String, String> settings = Map.of("heliograph.websocket." + name, value);
    assertThatThrownBy(
            () -> {
              bind(settings);
              bindAdmission(settings);
              bindOrigins(settings);
            })
        .rootCause()
        .hasMessageContaining("heliograph.websocket." + name);
  }
}

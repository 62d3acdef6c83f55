package io.heliograph.settings;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.apache.commons.logging.LogFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.test.system.CapturedOutput;
import org.springframework.boot.test.system.OutputCaptureExtension;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.StandardEnvironment;
import org.springframework.core.env.SystemEnvironmentPropertySource;

/** A misspelt setting stops the start, and the message suggests a similar one. */
@ExtendWith(OutputCaptureExtension.class)
class WrongSettingsTests {

  private static void check(String name) {
    var environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .addFirst(new MapPropertySource("application.yml", Map.of(name, "1")));
    new UnknownSettings(_ -> LogFactory.getLog(UnknownSettings.class))
        .postProcessEnvironment(environment, new SpringApplication());
  }

  @ParameterizedTest
  @CsvSource({
    "heliograph.session.heartbeet,heliograph.session.heartbeat",
    "heliograph.sesion.heartbeat,heliograph.session.heartbeat",
    "heliograph.session.maxPerUsr,heliograph.session.max-per-user",
    "heliograph.websocket.allowed-origin,heliograph.websocket.allowed-origins",
    "heliograph.security.apikey2,heliograph.security.api-key",
    "heliograph.security.api-keys[0].scope,heliograph.security.api-keys.0.scopes",
    "heliograph.callbacks.sources.shop.secret,heliograph.callbacks.sources.shop.secrets",
    "heliograph.brocker,heliograph.broker",
  })
  void forAMisspeltSettingTheSimilarOneIsSuggested(String wrong, String right) {
    assertThatThrownBy(() -> check(wrong))
        .isInstanceOf(RefusedSettingException.class)
        .hasMessageContaining(wrong)
        .hasMessageContaining("did you mean " + right + "?")
        .hasMessageContaining("application.yml");
  }

  @Test
  void aSettingWithoutASimilarOneIsRefusedWithoutASuggestion() {
    assertThatThrownBy(() -> check("heliograph.completely.different.thing"))
        .hasMessageContaining("is not a setting of Heliograph")
        .hasMessageNotContaining("did you mean");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "heliograph.session.heartbeat",
        "heliograph.session.maxPerUser",
        "heliograph.session.max_per_user",
        "heliograph.security.api-keys[0].name",
        "heliograph.security.apiKeys[12].scopes[0]",
        "heliograph.websocket.allowed-origins",
        "heliograph.websocket.allowed-origins[3]",
        "heliograph.callbacks.sources.shop.secrets[0]",
        "heliograph.callbacks.sources[my-shop].scheme",
        "heliograph.broker",
        "server.port",
        "heliographic.other"
      })
  void aSettingIsAcceptedInEachFormThatSpringSupports(String name) {
    assertThatCode(() -> check(name)).doesNotThrowAnyException();
  }

  @Test
  void unknownEnvironmentVariablesAreOnlyWarnings(CapturedOutput output) {
    var environment = new StandardEnvironment();
    environment
        .getPropertySources()
        .replace(
            StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
            new SystemEnvironmentPropertySource(
                StandardEnvironment.SYSTEM_ENVIRONMENT_PROPERTY_SOURCE_NAME,
                Map.of(
                    "HELIOGRAPH_SESSION_HEARTBEET", "30s",
                    "HELIOGRAPH_SECURITY_API_KEY", "x",
                    "HELIOGRAPH_SECURITY_APIKEYS_0_NAME", "x",
                    "HELIOGRAPH_CALLBACKS_SOURCES_SHOP_SECRETS_0_", "x",
                    "HELIOGRAPH_PORT_8080_TCP", "tcp://10.0.0.1:8080",
                    "HELIOGRAPH_SERVICE_HOST", "10.0.0.1",
                    "HELIOGRAPH_KEY", "x")));
    new UnknownSettings(_ -> LogFactory.getLog(UnknownSettings.class))
        .postProcessEnvironment(environment, new SpringApplication());
    assertThat(output).contains("HELIOGRAPH_SESSION_HEARTBEET is not a setting");
    assertThat(output.toString().split("is not a setting")).hasSize(2);
  }

  /** The chart refuses unknown settings when it is rendered, before a pod starts. */
  @Test
  void theChartListsTheSameSettings() throws IOException {
    var known = new KnownSettings(getClass().getClassLoader());
    assertThat(Files.readAllLines(Path.of("helm/heliograph/settings.txt")))
        .as("helm/heliograph/settings.txt has to hold: %s", String.join("\n", known.names()))
        .containsExactlyElementsOf(known.names());
  }

  @Test
  void theReportNamesTheEnvironmentVariable() {
    var report =
        requireNonNull(
            new RefusedSettingAnalyzer()
                .analyze(
                    new RefusedSettingException(
                        "heliograph.security.api-keys[1].key", "is short")));
    assertThat(report.getDescription())
        .isEqualTo("The setting heliograph.security.api-keys[1].key is short.");
    assertThat(report.getAction())
        .contains("HELIOGRAPH_SECURITY_API_KEYS_1_KEY", "openssl rand -base64 32");
  }
}

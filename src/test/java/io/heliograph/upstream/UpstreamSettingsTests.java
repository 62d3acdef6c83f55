package io.heliograph.upstream;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.client.ClientCalls;
import io.heliograph.client.ClientPublishProperties;
import io.heliograph.client.ClientUploads;
import io.heliograph.client.PublishAuthorizer;
import io.heliograph.settings.RefusedSettingException;
import io.heliograph.webhook.WebhookClient;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.springframework.boot.context.properties.EnableConfigurationProperties;
import org.springframework.boot.test.context.runner.ApplicationContextRunner;
import org.springframework.context.ApplicationContext;

/** The risk: settings that contradict each other start a node that refuses or allows too much. */
class UpstreamSettingsTests {

  private static final String SECRET = "whsec_3wJk9Qv2mXb7LpZ8nRt5YcH1dFg4Sa6U";

  private final ApplicationContextRunner context =
      new ApplicationContextRunner()
          .withBean(Clock.class, Clock::systemUTC)
          .withBean(SimpleMeterRegistry.class)
          .withUserConfiguration(UpstreamConfiguration.class, Settings.class);

  @EnableConfigurationProperties({UpstreamProperties.class, ClientPublishProperties.class})
  static class Settings {}

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "url=https://shop.test/                                   | secret",
        "url=https://shop.test/ secret=whsec_AAAA                 | secret",
        "url=https://shop.test/ secret=whsec_!!!                  | secret",
        "url=http://shop.test/ secret=OK                          | url",
        "url=http://shop.test/ secret=OK allow-internal=elsewhere | url",
        "url=https://127.0.0.1/ secret=OK                         | url",
        "upload-url=ftp://shop.test/ secret=OK                    | upload-url",
        "methods=order.*                                          | url",
        "anonymous-methods=help                                   | url",
        "publish.authorize=true                                   | url",
        "url=https://shop.test/ secret=OK methods=a*b             | methods",
        "url=https://shop.test/ secret=OK methods=a/b             | methods",
        "url=https://shop.test/ secret=OK anonymous-methods=**    | anonymous-methods",
        "url=https://shop.test/ secret=OK max-answer=2MB          | max-answer",
        "url=https://shop.test/ secret=OK max-answer=0            | max-answer",
        "upload-url=https://shop.test/ secret=OK max-upload=0     | max-upload",
        "upload-url=https://shop.test/ secret=OK max-upload=1TB   | max-upload"
      })
  void aSettingThatContradictsStopsTheStart(String settings, String named) {
    context
        .withPropertyValues(properties(settings))
        .run(
            started -> {
              assertThat(started).hasFailed();
              assertThat(started.getStartupFailure())
                  .rootCause()
                  .isInstanceOf(RefusedSettingException.class)
                  .hasMessageStartingWith("heliograph.upstream." + named + " ")
                  .message()
                  .doesNotContain(SECRET, "whsec_AAAA", "!!!");
            });
  }

  @ParameterizedTest
  @CsvSource({
    "publish.per-second=5, false, false, false",
    "url=https://shop.test/ secret=OK, true, false, false",
    "upload-url=https://shop.test/ secret=OK, false, true, false",
    "url=https://shop.test/ secret=OK publish.authorize=true, true, false, true"
  })
  void onlyWhatIsConfiguredIsThere(
      String settings, boolean calls, boolean uploads, boolean checks) {
    context
        .withPropertyValues(properties(settings))
        .run(
            started -> {
              assertThat(isThere(started, ClientCalls.class)).isEqualTo(calls);
              assertThat(isThere(started, ClientUploads.class)).isEqualTo(uploads);
              assertThat(isThere(started, PublishAuthorizer.class)).isEqualTo(checks);
              // And so are its threads.
              assertThat(isThere(started, WebhookClient.class)).isEqualTo(calls || uploads);
            });
  }

  private static boolean isThere(ApplicationContext context, Class<?> type) {
    return context.getBeanProvider(type).getIfAvailable() != null;
  }

  private static String[] properties(String settings) {
    String[] each = settings.replace("secret=OK", "secret=" + SECRET).split(" ", -1);
    for (int i = 0; i < each.length; i++) {
      each[i] = "heliograph.upstream." + each[i];
    }
    return each;
  }
}

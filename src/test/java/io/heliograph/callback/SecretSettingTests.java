package io.heliograph.callback;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliograph.settings.RefusedSettingException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.springframework.util.unit.DataSize;

/**
 * The risk: a secret read from a file ends with a line break, and every valid signature is refused.
 */
class SecretSettingTests {

  private static final String SECRET = "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";

  @ParameterizedTest
  @EnumSource(CallbackProperties.Scheme.class)
  void aSecretWithSurroundingBlanksStopsTheStart(CallbackProperties.Scheme scheme) {
    for (String value :
        List.of(
            SECRET + "\n",
            SECRET + "\r\n",
            " " + SECRET,
            SECRET + "\t",
            "\ufeff" + SECRET,
            SECRET + "\u00a0")) {
      CallbackProperties.Source source =
          new CallbackProperties.Source(
              scheme,
              List.of(new CallbackProperties.Secret(value, null)),
              Duration.ofSeconds(300),
              List.of(),
              List.of(),
              DataSize.ofKilobytes(64),
              List.of(),
              6000,
              false);
      assertThatThrownBy(() -> SourceSecrets.verifier("heliograph.callbacks.sources.shop", source))
          .isInstanceOf(RefusedSettingException.class)
          .hasMessageContaining("sources.shop.secrets[0].value starts or ends with a blank")
          .hasMessageNotContaining(SECRET);
    }
  }
}

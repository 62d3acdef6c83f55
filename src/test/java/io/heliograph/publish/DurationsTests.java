package io.heliograph.publish;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The risk: one call reads 60 as a minute, another as 60 milliseconds. */
class DurationsTests {

  @ParameterizedTest
  @CsvSource({
    "0,PT0S",
    "60,PT1M",
    "500ms,PT0.5S",
    "30s,PT30S",
    "10m,PT10M",
    "2h,PT2H",
    "1d,PT24H",
    "10M,PT10M",
    "PT10M,PT10M",
    "P1D,PT24H",
    "PT0.5S,PT0.5S",
    "PT-5S,PT-5S"
  })
  void durationsAreParsed(String text, Duration duration) {
    assertThat(Durations.parse(text)).isEqualTo(duration);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "", " ", " 60", "60 ", "1.5", "-1", "+1", "-5s", "1w", "10us", "soon", "60 s", "٦٠"
      })
  void invalidTextIsNotADuration(String text) {
    assertThat(Durations.parse(text)).isNull();
  }

  @Test
  void anOverflowGivesTheLongestDuration() {
    assertThat(Durations.parse("999999999999999999d")).isGreaterThan(Duration.ofDays(1_000_000));
    assertThat(Durations.parse("9".repeat(40))).isNull();
  }
}

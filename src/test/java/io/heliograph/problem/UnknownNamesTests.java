package io.heliograph.problem;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The risk: a misspelt name is refused, and nobody sees which letter is wrong. */
class UnknownNamesTests {

  private static final List<String> KNOWN = List.of("event", "data", "ttl", "key", "channel");

  @ParameterizedTest
  @CsvSource({
    "evnt,event",
    "evetn,event",
    "Event,event",
    "eventt,event",
    "dta,data",
    "tll,ttl",
    "TTL,ttl",
    "chanel,channel",
    "chnanel,channel",
    "kye,key"
  })
  void theNearestNameIsMeant(String name, String meant) {
    assertThat(UnknownNames.reason(name, KNOWN))
        .isEqualTo("is not known; did you mean " + meant + "?");
  }

  @ParameterizedTest
  @CsvSource({"x", "id", "payload", "\ud83d\ude00"})
  void whatIsFarFromAllGetsTheList(String name) {
    assertThat(UnknownNames.reason(name, KNOWN))
        .isEqualTo("is not known; known are event, data, ttl, key, channel");
  }
}

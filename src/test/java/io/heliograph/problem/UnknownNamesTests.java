package io.heliograph.problem;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The risk: the answer to a misspelt name does not help the caller to find the typing error. */
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
  void theMostSimilarNameIsSuggested(String name, String meant) {
    assertThat(UnknownNames.reason(name, KNOWN))
        .isEqualTo("is not known; did you mean " + meant + "?");
  }

  @ParameterizedTest
  @CsvSource({"x", "id", "payload", "\ud83d\ude00"})
  void withoutASimilarNameAllKnownNamesAreListed(String name) {
    assertThat(UnknownNames.reason(name, KNOWN))
        .isEqualTo("is not known; known are event, data, ttl, key, channel");
  }
}

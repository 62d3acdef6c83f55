package io.heliograph.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The risk: a position, id, draft or page with invalid content exists, and code elsewhere fails on
 * it.
 */
class MessageValueTests {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Channel NEWS = new Channel.Topic("news");

  @ParameterizedTest
  @ValueSource(strings = {"e:0", "AbC_d-9:1", "e:999999999999999999"})
  void parsingAPositionAndWritingItGivesTheSameText(String text) {
    assertThat(Position.parse(text).text()).isEqualTo(text);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        ":",
        "e",
        "e:",
        ":1",
        "e:01",
        "e:-1",
        "e:+1",
        "e:1 ",
        "e:1\n",
        "e:1.0",
        "e:1e3",
        "e:1:2",
        "e:\u0661",
        "e:9999999999999999999",
        "caf\u00e9:1",
        "e{:1",
        "012345678901234567890123456789012:1"
      })
  void invalidTextIsRefusedAsPosition(String text) {
    assertThatIllegalArgumentException().isThrownBy(() -> Position.parse(text));
  }

  @Test
  void negativeOffsetsAndEmptyEpochsAreRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> new Position("e", -1));
    assertThatIllegalArgumentException().isThrownBy(() -> new Position("", 1));
  }

  @Test
  void messageIdsAreUuidVersion7AndSortByTime() {
    List<String> ids = IntStream.range(0, 100).mapToObj(i -> Ids.v7(NOW.plusMillis(i))).toList();
    assertThat(ids).isSorted();
    assertThat(ids)
        .map(UUID::fromString)
        .allSatisfy(
            id -> {
              assertThat(id.version()).isEqualTo(7);
              assertThat(id.variant()).isEqualTo(2);
            });
    assertThat(UUID.fromString(ids.getFirst()).getMostSignificantBits() >>> 16)
        .isEqualTo(NOW.toEpochMilli());
  }

  @Test
  void idsAreUnique() {
    Set<String> ids = new HashSet<>();
    for (int i = 0; i < 10_000; i++) {
      ids.add(Ids.v7(NOW));
      ids.add(Ids.random128());
    }
    assertThat(ids).hasSize(20_000);
  }

  @Test
  void aRandomIdIsAValidSessionId() {
    String id = Ids.random128();
    assertThat(new Channel.OneSession(id).id()).isEqualTo(id);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", " ", "a b", "a\n", "a/b", "{", "caf\u00e9", "a*"})
  void invalidEventNamesAreRefused(String event) {
    assertThatIllegalArgumentException().isThrownBy(() -> Draft.of(event, "{}", NOW));
  }

  @Test
  void eventsAndKeysHaveAMaximumLength() {
    assertThat(Draft.of("e".repeat(64), "{}", NOW).event()).hasSize(64);
    assertThatIllegalArgumentException().isThrownBy(() -> Draft.of("e".repeat(65), "{}", NOW));
    assertThat(draft(null, "k".repeat(128)).key()).hasSize(128);
    assertThatIllegalArgumentException().isThrownBy(() -> draft(null, "k".repeat(129)));
    assertThatIllegalArgumentException().isThrownBy(() -> draft(null, ""));
    assertThatIllegalArgumentException().isThrownBy(() -> draft(null, "k{1}"));
  }

  @Test
  void aTtlIsPositiveAndItsExpiryDoesNotOverflow() {
    for (Duration refused :
        List.of(
            Duration.ZERO,
            Duration.ofNanos(-1),
            Draft.MAX_TTL.plusNanos(1),
            Duration.ofSeconds(Long.MAX_VALUE))) {
      assertThatIllegalArgumentException().isThrownBy(() -> draft(refused, null));
    }
    Message longest = draft(Draft.MAX_TTL, null).at(NEWS, new Position("e", 1));
    assertThat(longest.expires()).isEqualTo(NOW.plus(Draft.MAX_TTL));
  }

  @Test
  void aMessageExpiresExactlyAtTheEndOfItsTtl() {
    Message message = draft(Duration.ofSeconds(5), null).at(NEWS, new Position("e", 1));
    assertThat(message.expiredAt(NOW.plusMillis(4_999))).isFalse();
    assertThat(message.expiredAt(NOW.plusSeconds(5))).isTrue();
    assertThat(draft(null, null).at(NEWS, new Position("e", 1)).expiredAt(Instant.MAX)).isFalse();
  }

  @Test
  void thePositionBeforeAPageIsOneBeforeItsFirstMessage() {
    Position head = new Position("e", 9);
    Message fifth = draft(null, null).at(NEWS, head.at(5));
    assertThat(new History(List.of(fifth), head, head, true).begin()).isEqualTo(head.at(4));
    assertThat(new History(List.of(), head, head, true).begin()).isEqualTo(head);
    assertThat(new History(List.of(fifth), head.at(5), head, true).reachesHead()).isFalse();
  }

  private static Draft draft(@Nullable Duration ttl, @Nullable String key) {
    return new Draft(Ids.v7(NOW), "e", "{}", NOW, ttl, key, null);
  }
}

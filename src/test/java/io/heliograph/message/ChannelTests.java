package io.heliograph.message;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ChannelTests {

  @ParameterizedTest
  @ValueSource(
      strings = {
        "everyone",
        "user:alice",
        "user:alice@example.org",
        "user:tenant:42,a=b~c+d.e_f-g",
        "user:auth0|5f7c8ec7c33c6c004bbafe82",
        "user:samlp|conn|alice@example.org",
        "topic:news",
        "topic::",
        "session:AAAAAAAAAAAAAAAAAAAAAA",
        "login:abc_DEF-ghi0123456789x"
      })
  void parsingATextFormAndWritingItGivesTheSameText(String text) {
    Channel channel = Channel.parse(text);
    assertThat(channel.text()).isEqualTo(text);
    assertThat(channel).isEqualTo(Channel.parse(text)).hasToString(text);
    assertThat(text).startsWith(channel.kind().tag()).endsWith(channel.id());
  }

  static Stream<String> invalidTexts() {
    return Stream.of(
        "",
        ":",
        "user",
        "user:",
        ":alice",
        "User:alice",
        "USER:alice",
        "group:alice",
        " user:alice",
        "user:alice ",
        "user: alice",
        "everyone:",
        "everyone:x",
        "Everyone",
        "user:" + "a".repeat(129),
        "user:" + "a".repeat(10_000),
        "a".repeat(10_000),
        "topic:{a}",
        "topic:a{",
        "topic:*",
        "topic:a?",
        "topic:[a]",
        "topic:a/b",
        "topic:../a",
        "topic:a\\b",
        "topic:a%2Fb",
        "topic:a\nb",
        "topic:a\n",
        "topic:a\r",
        "topic:a\u0000",
        "topic:\u001b[31m",
        "topic:\u007f",
        "topic:caf\u00e9",
        "topic:\u540d\u524d",
        "topic:\ud83d\ude00",
        "topic:\u202ea",
        "session:short",
        "session:AAAAAAAAAAAAAAAAAAAAAAA",
        "session:AAAAAAAAAAAAAAAAAAAAA.",
        "login:",
        "login:AAAAAAAAAAAAAAAAAAAAA=");
  }

  @ParameterizedTest
  @MethodSource("invalidTexts")
  void invalidTextsAreRefusedWithAMessageThatDoesNotQuoteThem(String text) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Channel.parse(text))
        .satisfies(refused -> assertThat(refused.getMessage()).hasSizeBetween(20, 200))
        .satisfies(
            refused -> {
              if (text.length() > 12) {
                assertThat(refused).hasMessageNotContaining(text);
              }
            });
  }

  @Test
  void theLongestIdIsAccepted() {
    assertThat(Channel.parse("user:" + "a".repeat(128)).id()).hasSize(128);
  }

  @Test
  void channelsOfDifferentKindsWithTheSameIdAreNotEqual() {
    assertThat(new Channel.User("a")).isNotEqualTo(new Channel.Topic("a"));
    assertThat(Channel.parse("everyone")).isSameAs(Channel.EVERYONE);
  }
}

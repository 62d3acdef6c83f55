package io.heliograph.transport.sockjs;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.session.CloseReason;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.json.JsonMapper;

/** The risk: a text arrives as another one, or a browser loses it. */
class SockJsTextTests {

  private static String escape(String text) {
    ByteBuffer utf8 = ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8));
    ByteBuffer escaped = ByteBuffer.allocate(SockJsText.escapedLength(utf8));
    SockJsText.escape(utf8, escaped);
    assertThat(escaped.hasRemaining()).as("its length was known").isFalse();
    assertThat(utf8.position()).isZero();
    return StandardCharsets.UTF_8.decode(escaped.flip()).toString();
  }

  @Test
  void eachCharacterArrivesAsItWas() {
    for (int c = 0; c <= 0x10ffff; c++) {
      if (c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE) {
        continue;
      }
      String text = Character.toString(c);
      String escaped = escape(text);
      assertThat(JsonMapper.shared().readValue('"' + escaped + '"', String.class))
          .as("U+%04X", c)
          .isEqualTo(text);
      boolean lost =
          c < 0x20
              || (c >= 0x200c && c <= 0x200f)
              || (c >= 0x2028 && c <= 0x202f)
              || (c >= 0x2060 && c <= 0x206f)
              || (c >= 0xfff0 && c <= 0xffff);
      assertThat(escaped.startsWith("\\u")).as("U+%04X", c).isEqualTo(lost);
    }
  }

  @Test
  void textsComeInAnArrayOrAlone() {
    assertThat(SockJsText.parse("[\"a\",\"\\u00e4\\n\"]")).isEqualTo(List.of("a", "ä\n"));
    assertThat(SockJsText.parse("\"a\"")).isEqualTo(List.of("a"));
    assertThat(SockJsText.parse("[]")).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a",
        "[\"a\"",
        "[\"a\" \"b\"]",
        "[1]",
        "{}",
        "[\"a\"]x",
        "[[\"a\"]]",
        "\"a\"\"b\"",
        "1",
        "[null]"
      })
  void anythingElseIsRefused(String json) {
    assertThat(SockJsText.parse(json)).isNull();
  }

  @Test
  void aCopyWithAHeadOfItsOwnIsOneFrame() {
    ByteBuffer head = ByteBuffer.wrap("a\n".getBytes(StandardCharsets.UTF_8));
    ByteBuffer payload = ByteBuffer.wrap("\"b\"\0".getBytes(StandardCharsets.UTF_8));
    ByteBuffer begin = SockJsFraming.WEBSOCKET.begin(head, payload);
    ByteBuffer rest = SockJsFraming.WEBSOCKET.rest(payload);
    String text =
        StandardCharsets.UTF_8.decode(begin).toString().substring(2)
            + StandardCharsets.UTF_8.decode(rest);
    assertThat(text).isEqualTo("a[\"a\\u000a\\\"b\\\"\\u0000\"]");
  }

  @Test
  void textsOfCloseReasonsNeedNoEscapes() {
    for (CloseReason reason : CloseReason.values()) {
      assertThat(escape(reason.text())).isEqualTo(reason.text());
    }
  }
}

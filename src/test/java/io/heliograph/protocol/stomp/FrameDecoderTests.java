package io.heliograph.protocol.stomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliograph.session.CloseReason;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The risk: what a client sends in one piece is read otherwise in two, or not refused. */
class FrameDecoderTests {

  private static final int MAX = 1_000;

  private static final String TWO_FRAMES =
      String.join(
          "",
          "\n\r\nSEND\r\ndestination:/topic/ä\r\ncontent-length:6\r\n\r\nä\0\r\n!\0\n\n",
          "SUBSCRIBE\nid:a\\cb\\\\\\n\ndestination:x\n\n\0\n");

  private static List<String> read(FrameDecoder decoder, StompVersion version)
      throws StompException {
    List<String> frames = new ArrayList<>();
    for (StompFrame frame = decoder.next(version); frame != null; frame = decoder.next(version)) {
      frames.add(frame.command() + " " + frame.headers() + " " + frame.text());
    }
    return frames;
  }

  private static List<String> read(String text) throws StompException {
    var decoder = new FrameDecoder(MAX);
    decoder.add(bytes(text));
    return read(decoder, StompVersion.V1_2);
  }

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static void refused(String text, CloseReason reason, String detail) {
    assertThatThrownBy(() -> read(text))
        .asInstanceOf(InstanceOfAssertFactories.type(StompException.class))
        .satisfies(
            refusal -> {
              assertThat(refusal.reason()).isEqualTo(reason);
              assertThat(refusal.detail()).contains(detail);
            });
  }

  private static void malformed(String text, String detail) {
    refused(text, CloseReason.BAD_FRAME, detail);
  }

  @Test
  void framesArriveJoinedOrInPiecesOfAnySize() throws StompException {
    List<String> whole = read(TWO_FRAMES);
    assertThat(whole).hasSize(2);
    assertThat(whole.getFirst()).startsWith("SEND").endsWith("ä\0\r\n!");
    assertThat(whole.getLast()).contains("id=a:b\\\n");
    byte[] all = bytes(TWO_FRAMES);
    for (int size = 1; size < all.length; size++) {
      var decoder = new FrameDecoder(MAX);
      List<String> frames = new ArrayList<>();
      for (int at = 0; at < all.length; at += size) {
        decoder.add(java.util.Arrays.copyOfRange(all, at, Math.min(all.length, at + size)));
        frames.addAll(read(decoder, StompVersion.V1_2));
      }
      assertThat(frames).as("pieces of %d", size).isEqualTo(whole);
      assertThat(decoder.isEmpty()).isTrue();
    }
  }

  @Test
  void ofARepeatedHeaderTheFirstCounts() throws StompException {
    assertThat(read("ACK\nid:one\nid:two\n\n\0")).containsExactly("ACK {id=one} ");
  }

  @Test
  void eachVersionHasItsEscapes() throws StompException {
    String frame = "ACK\nid:a\\cb\n\n\0";
    for (StompVersion version : StompVersion.values()) {
      var decoder = new FrameDecoder(MAX);
      decoder.add(bytes(frame));
      assertThat(read(decoder, version))
          .containsExactly(version == StompVersion.V1_0 ? "ACK {id=a\\cb} " : "ACK {id=a:b} ");
    }
    // Before it, no version is agreed on.
    assertThat(read("CONNECT\npasscode:a\\tb\n\n\0")).containsExactly("CONNECT {passcode=a\\tb} ");
  }

  @Test
  void whatIsWrittenIsReadAgain() throws StompException {
    String odd = "a:b\\c\r\n\\\\r:";
    for (StompVersion version : List.of(StompVersion.V1_1, StompVersion.V1_2)) {
      assertThat(version.unescape(version.escape(odd))).isEqualTo(odd);
    }
    assertThat(StompVersion.V1_0.escape("a:b\\")).isEqualTo("a:b\\");
  }

  @Test
  void anEmptyValueAndColonsInOneAreFine() throws StompException {
    assertThat(read("ACK\nid:\nx:a:b\n\n\0")).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"HELLO", "connect", "MESSAGE", "CONNECTED", "RECEIPT", "ERROR", "SEND ", "\0"})
  void onlyWhatClientsSendIsACommand(String command) {
    String detail = command.equals("\0") ? "NUL" : "command";
    malformed(command + "\n\n\0", detail);
  }

  @Test
  void aHeaderHasANameAndAColon() {
    malformed("ACK\nid\n\n\0", "name:value");
    malformed("ACK\n:1\n\n\0", "name:value");
  }

  @Test
  void aNulEndsNoHeader() {
    malformed("ACK\nid:1\0", "NUL");
  }

  @Test
  void whatIsNoUtf8IsRefusedAndNotReplaced() {
    for (String lineOfLatin1 : List.of("SEND\na:\u00ff", "SEND\na:\u00c0\u00af", "\u00ff")) {
      var decoder = new FrameDecoder(MAX);
      decoder.add((lineOfLatin1 + "\n\n\0").getBytes(StandardCharsets.ISO_8859_1));
      assertThatThrownBy(() -> read(decoder, StompVersion.V1_2))
          .asInstanceOf(InstanceOfAssertFactories.type(StompException.class))
          .satisfies(refusal -> assertThat(refusal.detail()).contains("UTF-8"));
    }
  }

  @Test
  void aVersionThatIsListedTwiceIsAcceptedOnce() {
    assertThat(StompVersion.best("1.2,1.2")).isEqualTo(StompVersion.V1_2);
    assertThat(StompVersion.best("1.1, 1.0,,1.1,")).isEqualTo(StompVersion.V1_1);
    assertThat(StompVersion.best(",,")).isNull();
  }

  @Test
  void aCarriageReturnStandsBeforeALineFeedOnly() {
    malformed("ACK\nid:a\rb\n\n\0", "CR");
  }

  @ParameterizedTest
  @ValueSource(strings = {"\\t", "\\", "\\x41", "a\\"})
  void anUnknownEscapeIsRefused(String value) {
    malformed("ACK\nid:" + value + "\n\n\0", "escapes");
  }

  @ParameterizedTest
  @ValueSource(strings = {"-1", "x", "", "1 ", "+1", "1.0", "٣"})
  void aContentLengthIsANumber(String length) {
    malformed("SEND\ndestination:x\ncontent-length:" + length + "\n\nbody\0", "content-length");
  }

  @Test
  void aBodyIsAsLongAsItsContentLength() throws StompException {
    malformed("SEND\ncontent-length:2\n\nabc\0", "NUL");
    assertThat(read("SEND\ncontent-length:4\n\nabc\0")).isEmpty();
  }

  @Test
  void onlyASendHasABody() {
    malformed("SUBSCRIBE\nid:1\n\nbody\0", "only SEND");
  }

  @Test
  void headersAreLimited() throws StompException {
    assertThat(read("ACK\n" + "a:b\n".repeat(32) + "\n\0")).hasSize(1);
    malformed("ACK\n" + "a:b\n".repeat(33) + "\n\0", "32");
  }

  @Test
  void framesAreLimitedAlsoBeforeTheirEnd() throws StompException {
    String head = "SEND\na:";
    String fits = head + "x".repeat(MAX - head.length() - 3) + "\n\n\0";
    assertThat(read("\n\n" + fits + fits)).hasSize(2);
    refused(head + "x".repeat(MAX - head.length() - 2) + "\n\n\0", CloseReason.TOO_BIG, "1000");
    refused(head + "x".repeat(MAX), CloseReason.TOO_BIG, "1000");
    refused("SEND\ncontent-length:1001\n\n", CloseReason.TOO_BIG, "1000");
    refused("SEND\ncontent-length:99999999999999999999\n\n", CloseReason.TOO_BIG, "1000");
  }

  /** Nothing but a frame, an end that has not come, or a refusal: no other exception, no loop. */
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void noiseIsReadOrRefused(long seed) {
    var random = new Random(seed);
    byte[] good = bytes(TWO_FRAMES);
    for (int round = 0; round < 2_000; round++) {
      byte[] noise = good.clone();
      for (int change = random.nextInt(6); change >= 0; change--) {
        noise[random.nextInt(noise.length)] =
            random.nextBoolean() ? (byte) random.nextInt(256) : good[random.nextInt(good.length)];
      }
      var decoder = new FrameDecoder(MAX);
      try {
        int cut = random.nextInt(noise.length);
        decoder.add(java.util.Arrays.copyOf(noise, cut));
        read(decoder, StompVersion.V1_2);
        decoder.add(java.util.Arrays.copyOfRange(noise, cut, noise.length));
        assertThat(read(decoder, StompVersion.V1_2)).hasSizeLessThan(noise.length);
      } catch (StompException e) {
        assertThat(e.detail()).isNotEmpty();
      }
    }
  }
}

package io.heliograph.transport.websocket;

import static io.heliograph.support.RawFrame.BINARY;
import static io.heliograph.support.RawFrame.CLOSE;
import static io.heliograph.support.RawFrame.CONTINUATION;
import static io.heliograph.support.RawFrame.PING;
import static io.heliograph.support.RawFrame.PONG;
import static io.heliograph.support.RawFrame.TEXT;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.session.CloseReason;
import io.heliograph.support.RawFrame;
import io.heliograph.support.RawSocket;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The rules of RFC 6455 for frames, in the order in which the public fuzzing suites have them. */
class Rfc6455Tests extends EchoTests {

  private RawSocket client = unconnected();

  @SuppressWarnings("NullAway") // Set before each test.
  private static RawSocket unconnected() {
    return null;
  }

  @BeforeEach
  void connect() {
    client = RawSocket.open(port, "/echo");
  }

  @AfterEach
  void disconnect() {
    client.close();
  }

  private static byte[] bytes(int length) {
    byte[] bytes = new byte[length];
    Arrays.fill(bytes, (byte) '*');
    return bytes;
  }

  private static byte[] hex(String hex) {
    return HexFormat.of().parseHex(hex.replace(" ", ""));
  }

  private void closesWith(int code) {
    RawFrame frame = client.read();
    assertThat(frame.opcode()).isEqualTo(CLOSE);
    assertThat(frame.closeCode()).isEqualTo(code);
    assertThat(client.ends()).isTrue();
  }

  // 1: all length forms

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 125, 126, 127, 128, 65_535, 65_536, 65_537, 1 << 20})
  void messagesOfEveryLengthComeBack(int length) {
    for (int opcode : new int[] {TEXT, BINARY}) {
      RawFrame frame = RawFrame.of(opcode, bytes(length));
      assertThat(client.send(frame).read()).isEqualTo(frame);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {16, 997, 4096, 60_000})
  void messagesInSegmentsOfAnySizeComeBack(int segment) {
    RawFrame frame = RawFrame.of(TEXT, bytes(65_535));
    byte[] wire = frame.masked();
    for (int at = 0; at < wire.length; at += segment) {
      client.send(Arrays.copyOfRange(wire, at, Math.min(wire.length, at + segment)));
    }
    assertThat(client.read()).isEqualTo(frame);
  }

  @Test
  void framesComeBackWhenTheyArriveByteByByte() {
    client
        .sendByteByByte(RawFrame.text("κόσμε").masked())
        .sendByteByByte(RawFrame.of(BINARY, bytes(130)).masked());
    assertThat(client.read()).isEqualTo(RawFrame.text("κόσμε"));
    assertThat(client.read()).isEqualTo(RawFrame.of(BINARY, bytes(130)));
  }

  @Test
  void aLengthMayTakeALongerFormThanItNeeds() {
    client.send(hex("81 fe 00 02 00 00 00 00 68 69"));
    assertThat(client.read()).isEqualTo(RawFrame.text("hi"));
    client.send(hex("81 ff 00 00 00 00 00 00 00 02 00 00 00 00 68 69"));
    assertThat(client.read()).isEqualTo(RawFrame.text("hi"));
  }

  @Test
  void aLengthBeyondAllBoundsIsTooBig() {
    client.send(hex("81 ff ff ff ff ff ff ff ff ff 00 00 00 00"));
    closesWith(1009);
  }

  // 2: pings and pongs

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 125})
  void aPingIsAnsweredWithItsPayload(int length) {
    assertThat(client.send(RawFrame.of(PING, bytes(length))).read())
        .isEqualTo(RawFrame.of(PONG, bytes(length)));
  }

  @Test
  void pingPayloadsAreBytesNotText() {
    RawFrame ping = RawFrame.of(PING, hex("00 ff fe fd 80"));
    assertThat(client.send(ping).read().payload()).isEqualTo(ping.payload());
  }

  @Test
  void unrequestedPongsAreIgnored() {
    client.send(RawFrame.of(PONG, bytes(0)), RawFrame.of(PONG, bytes(20)));
    assertThat(client.send(RawFrame.of(PING, bytes(3))).read())
        .isEqualTo(RawFrame.of(PONG, bytes(3)));
  }

  @Test
  void manyPingsInOneSegmentAreAnsweredInOrder() {
    var all = new ByteArrayOutputStream();
    for (int i = 0; i < 100; i++) {
      all.writeBytes(RawFrame.of(PING, new byte[] {(byte) i}).masked());
    }
    client.send(all.toByteArray());
    for (int i = 0; i < 100; i++) {
      assertThat(client.read()).isEqualTo(RawFrame.of(PONG, new byte[] {(byte) i}));
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {PING, PONG, CLOSE})
  void longControlFramesAreRefused(int opcode) {
    client.send(RawFrame.of(opcode, bytes(126)));
    closesWith(1002);
  }

  // 3: reserved bits

  @ParameterizedTest
  @ValueSource(ints = {0x90, 0xA0, 0xB0, 0xC0, 0xD0, 0xE0, 0xF0})
  void reservedBitsAreRefused(int bits) {
    for (int opcode : new int[] {TEXT, BINARY, PING, PONG, CLOSE}) {
      disconnect();
      connect();
      client.send(RawFrame.text("before"), new RawFrame(bits | opcode, hex("03 e8")));
      assertThat(client.read().text()).isEqualTo("before");
      closesWith(1002);
    }
  }

  // 4: reserved opcodes

  @ParameterizedTest
  @ValueSource(ints = {3, 4, 5, 6, 7, 0xB, 0xC, 0xD, 0xE, 0xF})
  void reservedOpcodesAreRefused(int opcode) {
    client.send(
        RawFrame.text("before"), RawFrame.of(opcode, bytes(8)), RawFrame.of(PING, bytes(1)));
    assertThat(client.read().text()).isEqualTo("before");
    closesWith(1002);
  }

  @Test
  void unmaskedFramesAreRefused() {
    client.send(RawFrame.text("naked").unmasked());
    closesWith(1002);
  }

  // 5: fragments

  @ParameterizedTest
  @ValueSource(ints = {PING, PONG, CLOSE})
  void controlFramesInFragmentsAreRefused(int opcode) {
    client.send(RawFrame.fragment(opcode, bytes(2)), RawFrame.of(CONTINUATION, bytes(2)));
    closesWith(1002);
  }

  @Test
  void fragmentsWithPingsBetweenThemAreOneMessage() {
    client.send(
        RawFrame.fragment(TEXT, "frag"),
        RawFrame.of(PING, bytes(1)),
        RawFrame.fragment(CONTINUATION, "men"),
        RawFrame.of(PONG, bytes(1)),
        RawFrame.of(PING, bytes(2)),
        RawFrame.of(CONTINUATION, "ted".getBytes(StandardCharsets.UTF_8)));
    assertThat(client.read()).isEqualTo(RawFrame.of(PONG, bytes(1)));
    assertThat(client.read()).isEqualTo(RawFrame.of(PONG, bytes(2)));
    assertThat(client.read()).isEqualTo(RawFrame.text("fragmented"));
  }

  @Test
  void fragmentsMayBeEmpty() {
    client.send(
        RawFrame.fragment(TEXT, ""),
        RawFrame.fragment(CONTINUATION, "middle"),
        RawFrame.of(CONTINUATION, bytes(0)));
    assertThat(client.read()).isEqualTo(RawFrame.text("middle"));
  }

  @Test
  void binaryFragmentsAreOneMessage() {
    client.send(RawFrame.fragment(BINARY, bytes(5000)), RawFrame.of(CONTINUATION, bytes(70_000)));
    assertThat(client.read()).isEqualTo(RawFrame.of(BINARY, bytes(75_000)));
  }

  @Test
  void aContinuationOfNothingIsRefused() {
    client.send(RawFrame.of(CONTINUATION, bytes(3)), RawFrame.text("after"));
    closesWith(1002);
  }

  @Test
  void anotherMessageAmongFragmentsIsRefused() {
    client.send(RawFrame.fragment(TEXT, "one"), RawFrame.text("two"));
    closesWith(1002);
  }

  // 6: UTF-8

  @ParameterizedTest
  @ValueSource(
      strings = {
        "ce ba e1 bd b9 cf 83 ce bc ce b5",
        "00",
        "c2 80",
        "e0 a0 80",
        "f0 90 80 80",
        "7f",
        "df bf",
        "ef bf bf",
        "f4 8f bf bf",
        "ed 9f bf",
        "ee 80 80",
        "ef bf bd",
        "ef b7 90"
      })
  void validTextComesBackHoweverItIsCut(String text) {
    byte[] valid = hex(text);
    client.send(RawFrame.of(TEXT, valid));
    assertThat(client.read().payload()).isEqualTo(valid);
    client.send(RawFrame.fragment(TEXT, Arrays.copyOf(valid, 1)));
    for (int i = 1; i < valid.length; i++) {
      client.send(RawFrame.fragment(CONTINUATION, new byte[] {valid[i]}));
    }
    client.send(RawFrame.of(CONTINUATION, bytes(0)));
    assertThat(client.read().payload()).isEqualTo(valid);
  }

  static Stream<String> invalidTexts() {
    return Stream.of(
        "80",
        "bf",
        "80 bf",
        "c0",
        "c0 af",
        "c1 bf",
        "e0 80 af",
        "e0 9f bf",
        "f0 80 80 af",
        "f0 8f bf bf",
        "f8 87 bf bf bf",
        "fc 83 bf bf bf bf",
        "c0 80",
        "ed a0 80",
        "ed ad bf",
        "ed a0 80 ed b0 80",
        "f4 90 80 80",
        "f5 80 80 80",
        "fe",
        "ff",
        "ce",
        "e1 bd",
        "f0 90 80",
        "ce ba e1 bd b9 cf 83 ce bc ce b5 ed a0 80 65 64");
  }

  @ParameterizedTest
  @MethodSource("invalidTexts")
  void invalidTextIsRefused(String text) {
    client.send(RawFrame.of(TEXT, hex(text)));
    closesWith(1007);
  }

  @ParameterizedTest
  @MethodSource("invalidTexts")
  void invalidTextIsRefusedHoweverItIsCut(String text) {
    byte[] invalid = hex(text);
    var all = new ByteArrayOutputStream();
    all.writeBytes(RawFrame.fragment(TEXT, "").masked());
    for (byte one : invalid) {
      all.writeBytes(RawFrame.fragment(CONTINUATION, new byte[] {one}).masked());
    }
    all.writeBytes(RawFrame.of(CONTINUATION, new byte[0]).masked());
    client.send(all.toByteArray());
    closesWith(1007);
  }

  @Test
  void invalidTextIsRefusedBeforeTheMessageEnds() {
    client.send(RawFrame.fragment(TEXT, hex("ce ba f4 90")));
    closesWith(1007);
  }

  @Test
  void invalidTextIsRefusedBeforeItsFrameEnds() {
    byte[] frame = RawFrame.of(TEXT, hex("ce ba e1 bd b9 f4 90 80 80 65 64 69 74 65 64")).masked();
    client.send(Arrays.copyOf(frame, frame.length - 8));
    closesWith(1007);
  }

  // 7: closing

  @Test
  void aCloseIsAnsweredWithItsCode() {
    client.send(RawFrame.close(1000, "bye"));
    closesWith(1000);
  }

  @Test
  void anEmptyCloseIsAnsweredEmpty() {
    client.send(RawFrame.of(CLOSE, bytes(0)));
    RawFrame answer = client.read();
    assertThat(answer.opcode()).isEqualTo(CLOSE);
    assertThat(answer.closeCode()).isIn(1000, 1005);
    assertThat(client.ends()).isTrue();
  }

  @Test
  void aCloseOfOneByteIsRefused() {
    client.send(RawFrame.of(CLOSE, bytes(1)));
    closesWith(1002);
  }

  @Test
  void aCloseWithTheLongestReasonIsAnswered() {
    client.send(RawFrame.close(1000, "r".repeat(123)));
    closesWith(1000);
  }

  @Test
  void aReasonThatIsNoTextIsRefused() {
    client.send(RawFrame.of(CLOSE, hex("03 e8 ce ba e1 bd b9 ed a0 80")));
    closesWith(1007);
  }

  @ParameterizedTest
  @ValueSource(
      ints = {
        1000, 1001, 1002, 1003, 1007, 1008, 1009, 1010, 1011, 1012, 1013, 1014, 3000, 3999, 4000,
        4999
      })
  void codesOfTheWireAreAnswered(int code) {
    client.send(RawFrame.close(code, ""));
    closesWith(code);
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 999, 1004, 1005, 1006, 1015, 1016, 1100, 2000, 2999, 5000, 65_535})
  void otherCodesAreRefused(int code) {
    client.send(RawFrame.close(code, ""));
    closesWith(1002);
  }

  @Test
  void nothingIsReadAfterAClose() {
    var all = new ByteArrayOutputStream();
    all.writeBytes(RawFrame.close(1000, "").masked());
    all.writeBytes(RawFrame.text("too late").masked());
    all.writeBytes(RawFrame.of(PING, bytes(1)).masked());
    client.send(all.toByteArray());
    closesWith(1000);
  }

  @Test
  void aCloseAmongFragmentsIsAnswered() {
    client.send(RawFrame.fragment(TEXT, "half"), RawFrame.close(1000, ""));
    closesWith(1000);
  }

  // ours: closing, faults, limits, order

  @Test
  void ourCloseWaitsForItsAnswer() {
    client.send(RawFrame.text("please close"));
    assertThat(client.read()).isEqualTo(RawFrame.close(1001, CloseReason.LIFETIME.text()));
    client.send(RawFrame.close(1001, ""));
    assertThat(client.ends()).isTrue();
  }

  @Test
  void aPeerThatNeverAnswersOurCloseIsCut() {
    disconnect();
    client = RawSocket.open(port, "/small");
    client.send(RawFrame.text("please close"));
    assertThat(client.read().closeCode()).isEqualTo(1001);
    // What still comes is read and thrown away until the deadline cuts the line under the sender.
    org.awaitility.Awaitility.await()
        .untilAsserted(
            () ->
                org.assertj.core.api.Assertions.assertThatThrownBy(
                        () -> client.send(RawFrame.text("still here")))
                    .isInstanceOf(java.io.UncheckedIOException.class));
  }

  @Test
  void aFaultInAListenerClosesItsSocketOnly() {
    client.send(RawFrame.text("please fail"));
    closesWith(1011);
  }

  @Test
  void severalFramesOfOneWriteKeepTheirOrder() {
    for (int length : new int[] {1, 100, 5000, 70_000}) {
      client.send(RawFrame.text("thrice " + "x".repeat(length)));
      for (int i = 0; i < 3; i++) {
        assertThat(client.read()).isEqualTo(RawFrame.text("x".repeat(length)));
      }
    }
  }

  @Test
  void aThousandMessagesInOneSegmentComeBackInOrder() {
    var all = new ByteArrayOutputStream();
    IntStream.range(0, 1000).forEach(i -> all.writeBytes(RawFrame.text("message " + i).masked()));
    client.send(all.toByteArray());
    for (int i = 0; i < 1000; i++) {
      assertThat(client.read().text()).isEqualTo("message " + i);
    }
  }

  private void connectSmall() {
    disconnect();
    client = RawSocket.open(port, "/small");
  }

  @Test
  void aMessageOfTheLimitIsTaken() {
    connectSmall();
    RawFrame most = RawFrame.of(TEXT, bytes(4096));
    assertThat(client.send(most).read()).isEqualTo(most);
    for (int i = 0; i < 64; i++) {
      client.send(RawFrame.fragment(i == 0 ? TEXT : CONTINUATION, bytes(64)));
    }
    assertThat(client.send(RawFrame.of(CONTINUATION, bytes(0))).read()).isEqualTo(most);
  }

  @ParameterizedTest
  @ValueSource(ints = {4097, 5120, 1 << 20})
  void aLongerMessageIsTooBig(int length) {
    connectSmall();
    client.send(RawFrame.of(TEXT, bytes(length)));
    closesWith(1009);
  }

  @Test
  void aLongerMessageInSmallFragmentsIsTooBig() {
    connectSmall();
    for (int i = 0; i < 64; i++) {
      client.send(RawFrame.fragment(i == 0 ? TEXT : CONTINUATION, bytes(64)));
    }
    client.send(RawFrame.of(CONTINUATION, bytes(1)));
    closesWith(1009);
  }

  @Test
  void binaryIsRefusedWhereOnlyTextIsSpoken() {
    connectSmall();
    client.send(RawFrame.fragment(BINARY, bytes(1)));
    closesWith(1003);
  }
}

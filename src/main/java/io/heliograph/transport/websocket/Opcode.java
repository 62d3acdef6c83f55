package io.heliograph.transport.websocket;

/** The kinds of frames (RFC 6455 section 5.2). */
final class Opcode {

  static final byte CONTINUATION = 0x0;
  static final byte TEXT = 0x1;
  static final byte BINARY = 0x2;
  static final byte CLOSE = 0x8;
  static final byte PING = 0x9;
  static final byte PONG = 0xA;

  private Opcode() {}

  static boolean isControl(byte opcode) {
    return (opcode & 0x8) != 0;
  }

  static boolean isKnown(byte opcode) {
    return opcode <= BINARY || (opcode >= CLOSE && opcode <= PONG);
  }
}

package io.heliograph.transport.websocket;

import java.nio.ByteBuffer;

/**
 * Finds a client's frames in what the network brings, in whatever pieces (RFC 6455 section 5). It
 * checks what a frame may be and where it may stand; what is in it is up to the {@link Handler}.
 * Holds no payload, so that an idle connection holds none. Used by one thread at a time.
 */
final class FrameParser {

  /** What the parts of frames are given to, in order. */
  interface Handler {

    /**
     * A frame begins: its header has come.
     *
     * @param length of its payload, an unsigned number
     */
    void onHeader(byte opcode, boolean fin, long length);

    /**
     * Some of its payload, unmasked.
     *
     * @param piece valid during the call
     */
    void onPayload(ByteBuffer piece, boolean last);

    /** Its payload was given, or is empty. */
    void onEnd();
  }

  /** What came is no frame, or may not stand here. Nothing after it can be understood. */
  static final class ProtocolException extends Exception {
    private static final long serialVersionUID = 1L;

    ProtocolException(String message) {
      super(message, null, false, false);
    }
  }

  private enum State {
    FIRST_BYTE,
    SECOND_BYTE,
    LENGTH,
    MASK,
    PAYLOAD,
    /** Behind a {@link ProtocolException}: everything is thrown away. */
    BROKEN
  }

  private static final int FIN = 0x80;
  private static final int RESERVED = 0x70;
  private static final int MASKED = 0x80;
  private static final int MOST_OF_CONTROL = 125;

  private final Handler handler;
  private State state = State.FIRST_BYTE;
  private byte first;

  /** Bytes of the length or the mask that are still to come. */
  private byte missing;

  /** Of the payload that is still to come; an unsigned number. */
  private long length;

  /** Its highest byte belongs to the next byte of the payload. */
  private int mask;

  /** The last data frame was not its message's last. */
  private boolean amongFragments;

  FrameParser(Handler handler) {
    this.handler = handler;
  }

  /**
   * Takes from the buffer up to the end of one frame, or all that it has.
   *
   * @param in may be changed: payloads are unmasked where they are
   * @return whether a frame has ended
   */
  boolean parse(ByteBuffer in) throws ProtocolException {
    while (in.hasRemaining()) {
      switch (state) {
        case FIRST_BYTE -> {
          first = in.get();
          checkKind();
          state = State.SECOND_BYTE;
        }
        case SECOND_BYTE -> begin(in.get());
        case LENGTH -> {
          length = (length << 8) | (in.get() & 0xff);
          if (--missing == 0) {
            awaitMask();
          }
        }
        case MASK -> {
          mask = (mask << 8) | (in.get() & 0xff);
          if (--missing == 0 && header()) {
            return true;
          }
        }
        case PAYLOAD -> {
          if (payload(in)) {
            return true;
          }
        }
        case BROKEN -> in.position(in.limit());
      }
    }
    return false;
  }

  private byte opcode() {
    return (byte) (first & 0x0f);
  }

  private boolean fin() {
    return (first & FIN) != 0;
  }

  private void checkKind() throws ProtocolException {
    byte opcode = opcode();
    check((first & RESERVED) == 0, "a reserved bit is set");
    check(Opcode.isKnown(opcode), "the opcode is reserved");
    if (Opcode.isControl(opcode)) {
      check(fin(), "a control frame is fragmented");
    } else if (opcode == Opcode.CONTINUATION) {
      check(amongFragments, "a continuation of nothing");
    } else {
      check(!amongFragments, "a message begins within another");
    }
  }

  private void begin(byte second) throws ProtocolException {
    check((second & MASKED) != 0, "the frame is not masked");
    int shortLength = second & 0x7f;
    check(
        shortLength <= MOST_OF_CONTROL || !Opcode.isControl(opcode()),
        "a control frame is too long");
    if (shortLength <= MOST_OF_CONTROL) {
      length = shortLength;
      awaitMask();
    } else {
      length = 0;
      missing = (byte) (shortLength == 126 ? 2 : 8);
      state = State.LENGTH;
    }
  }

  private void awaitMask() {
    missing = 4;
    state = State.MASK;
  }

  /** True when the frame ends with its header. */
  private boolean header() {
    if (!Opcode.isControl(opcode())) {
      amongFragments = !fin();
    }
    handler.onHeader(opcode(), fin(), length);
    state = State.PAYLOAD;
    return length == 0 && end();
  }

  private boolean payload(ByteBuffer in) {
    // An unsigned length of 2^63 or more is beyond what any connection carries.
    int size = length < 0 ? in.remaining() : (int) Math.min(length, in.remaining());
    ByteBuffer piece = in.slice(in.position(), size);
    in.position(in.position() + size);
    length -= size;
    unmask(piece);
    handler.onPayload(piece, length == 0);
    return length == 0 && end();
  }

  private boolean end() {
    state = State.FIRST_BYTE;
    handler.onEnd();
    return true;
  }

  private void unmask(ByteBuffer piece) {
    int end = piece.limit();
    int i = 0;
    for (; i <= end - Integer.BYTES; i += Integer.BYTES) {
      piece.putInt(i, piece.getInt(i) ^ mask);
    }
    for (; i < end; i++) {
      piece.put(i, (byte) (piece.get(i) ^ mask >>> 24));
      mask = Integer.rotateLeft(mask, 8);
    }
  }

  private void check(boolean holds, String otherwise) throws ProtocolException {
    if (!holds) {
      state = State.BROKEN;
      throw new ProtocolException(otherwise);
    }
  }
}

package io.heliograph.transport.websocket;

import io.heliograph.session.CloseReason;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes messages of a client's frames, and answers its control frames. Assembling, UTF-8 and limits
 * are here; {@link FrameParser} has checked the frames' order. Used by one thread at a time.
 */
final class WebSocketFrameHandler implements FrameParser.Handler {

  private static final Logger log = LoggerFactory.getLogger(WebSocketFrameHandler.class);
  private static final ByteBuffer EMPTY = ByteBuffer.allocate(0);
  private static final int NO_CODE = 1005;

  private final WebSocketTransport socket;
  private final WebSocketListener listener;
  private final WebSocketLimits limits;

  // Of the frame that is arriving.
  private byte opcode;
  private boolean fin;
  private boolean empty;

  /** It is thrown away; so are all that follow, except for a close. */
  private boolean discarding;

  /** Why the socket closes at the end of the message that is arriving; null: it does not. */
  private @Nullable CloseReason refusal;

  /** A control frame's payload; null when it is not needed. */
  private @Nullable ByteBuffer control;

  /**
   * The message of which a part has come; null between messages, so that an idle socket holds no
   * buffer.
   */
  private @Nullable Assembly message;

  WebSocketFrameHandler(
      WebSocketTransport socket, WebSocketListener listener, WebSocketLimits limits) {
    this.socket = socket;
    this.listener = listener;
    this.limits = limits;
  }

  void onOpen() {
    try {
      listener.onOpen(socket);
    } catch (RuntimeException | Error e) {
      fault(e);
    }
  }

  /** Whether what arrives is thrown away, because the socket is closing. */
  boolean isDiscarding() {
    return discarding || socket.isClosing();
  }

  @Override
  public void onHeader(byte frameOpcode, boolean last, long length) {
    opcode = frameOpcode;
    fin = last;
    empty = length == 0;
    if (isDiscarding()) {
      discard();
    } else if (opcode != Opcode.PONG && !isStreamed()) {
      announce();
    }
    if (Opcode.isControl(opcode)) {
      control = discarding && opcode != Opcode.CLOSE ? null : ByteBuffer.allocate((int) length);
    } else if (!discarding) {
      checkLimits(length);
    }
  }

  /** Whether it is a fragment of a message that is received as it arrives, and holds bytes. */
  private boolean isStreamed() {
    if (opcode == Opcode.BINARY) {
      try {
        BinaryReceiver receiver = listener.onBinaryBegin();
        message = receiver == null ? null : new StreamedBinary(receiver);
      } catch (RuntimeException | Error e) {
        fault(e);
      }
    }
    return message instanceof StreamedBinary && !empty && !Opcode.isControl(opcode);
  }

  private void announce() {
    try {
      if (!listener.onFrame()) {
        discard();
      }
    } catch (RuntimeException | Error e) {
      fault(e);
    }
  }

  private void checkLimits(long length) {
    if (message instanceof StreamedBinary(BinaryReceiver receiver)) {
      if (!receiver.onFragment(length)) {
        refuseMessage(CloseReason.TOO_BIG, length);
      }
      return;
    }
    int sizeSoFar = message == null ? 0 : message.size();
    if (opcode == Opcode.BINARY && !limits.binary()) {
      refuseMessage(CloseReason.UNSUPPORTED_DATA, length);
    } else if (Long.compareUnsigned(length, limits.maxMessage() - sizeSoFar) > 0) {
      refuseMessage(CloseReason.TOO_BIG, length);
    }
  }

  /**
   * Closes when the message has come, which is thrown away: to a browser a close is not clean
   * before it has sent what it had to send. Not for a message that is too large even for that.
   */
  private void refuseMessage(CloseReason reason, long length) {
    discard();
    if (Long.compareUnsigned(length, limits.maxDiscarded()) > 0) {
      endRefused(reason);
      return;
    }
    refusal = reason;
    socket.closeSoon(reason);
  }

  private void endRefused(CloseReason reason) {
    boolean byListener = false;
    try {
      byListener = listener.onRefused(reason);
    } catch (RuntimeException | Error e) {
      log.error("A listener failed to refuse a message", e);
    }
    if (!byListener) {
      socket.close(reason);
    }
  }

  /** False when nothing was refused. */
  boolean refuseNow() {
    CloseReason reason = refusal;
    refusal = null;
    if (reason != null) {
      endRefused(reason);
    }
    return reason != null;
  }

  @Override
  public void onPayload(ByteBuffer piece, boolean last) {
    if (control != null) {
      control.put(piece);
    } else if (!isDiscarding()) {
      append(piece, last && fin);
    }
  }

  @Override
  public void onEnd() {
    try {
      switch (opcode) {
        case Opcode.CLOSE -> close(payload());
        case Opcode.PING -> {
          if (!isDiscarding()) {
            socket.pong(payload());
          }
        }
        case Opcode.PONG -> {
          ByteBuffer pong = payload();
          int number = pong.remaining() == 1 ? pong.get(0) & 0xff : -1;
          if (!isDiscarding() && !listener.onPong(number)) {
            discard();
          }
        }
        default -> endData();
      }
    } catch (RuntimeException | Error e) {
      fault(e);
    } finally {
      control = null;
    }
  }

  private ByteBuffer payload() {
    return control == null ? EMPTY : control.flip();
  }

  private void endData() {
    if (fin && refuseNow()) {
      return;
    }
    if (fin && !isDiscarding()) {
      if (empty) {
        append(EMPTY, true);
      }
      Assembly complete = message;
      message = null;
      if (complete != null) {
        complete.deliver(listener);
      }
    }
  }

  private void append(ByteBuffer piece, boolean last) {
    if (message == null) {
      message =
          opcode == Opcode.BINARY ? new BinaryAssembly() : new TextAssembly(piece.remaining());
    }
    try {
      message.append(piece, last);
    } catch (CharacterCodingException e) {
      refuse(CloseReason.INVALID_TEXT);
    } catch (RuntimeException | Error e) {
      fault(e);
    }
  }

  /** The peer's close, or its answer to ours (RFC 6455 section 7.4). */
  private void close(ByteBuffer payload) {
    if (socket.isClosing()) {
      socket.peerCloses(NO_CODE);
    } else if (!payload.hasRemaining()) {
      socket.peerCloses(NO_CODE);
    } else if (payload.remaining() == 1 || !isOnTheWire(payload.getShort(0) & 0xffff)) {
      refuse(CloseReason.PROTOCOL_ERROR);
    } else {
      int code = payload.getShort() & 0xffff;
      try {
        StandardCharsets.UTF_8.newDecoder().decode(payload);
        socket.peerCloses(code);
      } catch (CharacterCodingException e) {
        refuse(CloseReason.INVALID_TEXT);
      }
    }
    discard();
  }

  private static boolean isOnTheWire(int code) {
    boolean registered =
        code >= 1000 && code <= 1014 && code != 1004 && code != 1005 && code != 1006;
    return registered || (code >= 3000 && code <= 4999);
  }

  void onProtocolError(FrameParser.ProtocolException error) {
    log.debug("A client's frame is refused: {}", error.getMessage());
    refuse(CloseReason.PROTOCOL_ERROR);
  }

  private void refuse(CloseReason reason) {
    discard();
    socket.close(reason);
  }

  private void fault(Throwable failure) {
    log.error("A listener failed; its socket is closed", failure);
    refuse(CloseReason.FAULT);
  }

  private void discard() {
    discarding = true;
    message = null;
  }

  /** Called once, by any thread. */
  void onClosed(CloseReason reason, int code) {
    try {
      listener.onClosed(reason, code);
    } catch (RuntimeException | Error e) {
      log.error("A listener failed at the end of its socket", e);
    }
  }
}

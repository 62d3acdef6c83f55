package io.heliograph.transport.engineio;

import io.heliograph.session.CloseReason;
import io.heliograph.session.DuplexTransport;
import java.nio.ByteBuffer;

/**
 * Receives what a client of Engine.IO sends, whatever carries it. Called by one thread at a time,
 * never with a lock held; nothing here may block. An exception ends the session.
 */
public interface EngineListener {

  /** The first call; writing is allowed from here on. */
  void onOpen(DuplexTransport session);

  /** The text of a message packet. */
  void onMessage(String text);

  /**
   * The bytes of a binary message packet.
   *
   * @param data owned by the receiver
   */
  void onBinary(ByteBuffer data);

  /**
   * A packet has begun to arrive. It comes before what the packet leads to, so that a limit counts
   * what arrives.
   *
   * @return false when it is one too many: it and all that follow are discarded, while the listener
   *     closes the session
   */
  default boolean onPacket() {
    return true;
  }

  /**
   * The client answered a ping.
   *
   * @param number of the ping; -1: it answered none, or an older one
   * @return as {@link #onPacket}
   */
  default boolean onPong(int number) {
    return true;
  }

  /**
   * What arrived is no packet that a client may send. All that follows is discarded; the listener
   * closes the session.
   *
   * @param reason what to close it with
   * @param rule what the packet breaks; never what was sent
   */
  void onMalformed(CloseReason reason, String rule);

  /** The session is carried by a WebSocket from now on, and not by polling any more. */
  default void onUpgrade() {}

  /**
   * The last call, once, whatever ended the session. On any thread, and maybe before {@link
   * #onOpen} has returned.
   *
   * @param reason what this side closed with; {@link CloseReason#GONE} when the client closed, did
   *     not poll any more, or the connection broke
   * @param code the close code: ours, or the client's, 1006 when the connection broke
   */
  void onClosed(CloseReason reason, int code);
}

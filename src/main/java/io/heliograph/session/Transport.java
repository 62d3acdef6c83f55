package io.heliograph.session;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * One client's connection, whatever carries it. Only its session writes to it, and writes again
 * only after the last write was reported done. No method blocks.
 */
public interface Transport {

  /** What this kind of transport is and can do. */
  TransportInfo info();

  /**
   * How events become bytes here. One object for all transports of a kind, because encoded messages
   * are shared by it.
   */
  Encoding encoding();

  /**
   * Encodes an event that this session alone gets, so everything but announced messages. A protocol
   * whose answers depend on what the client calls its subscriptions overrides it.
   *
   * @return whole frames, read-only; empty when the protocol says nothing
   */
  default ByteBuffer encode(ServerEvent event) {
    return encoding().encode(event);
  }

  /** The peer's address without its port, as limits count it: of IPv6 the /64. */
  String remoteAddress();

  /**
   * Sends frames in order in one flush.
   *
   * @param frames read-only views that are consumed as their bytes leave: what remains of them
   *     shows whether a slow client still reads
   * @param done called once, on any thread, maybe before this method returns
   */
  void write(ByteBuffer[] frames, WriteCallback done);

  /**
   * Asks the client for a sign of life, or shows one; see {@link Liveness}. May overtake frames
   * that wait to be written, and follows those that were reported as written.
   *
   * @param number 0 to 255; {@link Pings#onAnswered} is called with it when the client answers
   */
  void ping(int number);

  /** Closes in good order, after what is being written. Later calls change nothing. */
  void close(CloseReason reason);

  /**
   * Whether the connection has ended, as far as can be seen without writing to it. The heartbeat
   * asks, and ends a session whose end was not reported.
   */
  boolean hasEnded();

  /** Cuts the connection at once. */
  void abort();

  /** Called when a write has left for the network, or never will. */
  @FunctionalInterface
  interface WriteCallback {
    /**
     * @param failure null when the frames were handed to the network
     */
    void written(@Nullable Throwable failure);

    /**
     * What has queued up behind a write that had to wait for a connection, so that it leaves with
     * it. For detachable transports; called before the write is reported as done, by one thread.
     */
    default ByteBuffer[] more() {
      return new ByteBuffer[0];
    }
  }
}

package io.heliograph.support;

import java.io.UncheckedIOException;
import java.net.SocketTimeoutException;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

/**
 * Reads a client's socket on a thread of its own: answers pings and closes as a browser does, and
 * hands over texts and the end.
 */
final class SocketReader {

  private final RawSocket line;
  private final Consumer<String> texts;
  private final IntConsumer end;

  /** Held by the test while this client does not read. */
  private final ReentrantLock reading = new ReentrantLock();

  private volatile boolean answersPings = true;
  private volatile boolean cut;

  /**
   * @param end gets the close code, 1006 when there was none
   */
  SocketReader(RawSocket line, Consumer<String> texts, IntConsumer end) {
    this.line = line;
    this.texts = texts;
    this.end = end;
  }

  void start() {
    Thread.ofVirtual().start(this::read);
  }

  private void read() {
    int code = 1006;
    try {
      while (true) {
        RawFrame frame = nextFrame();
        switch (frame.opcode()) {
          case RawFrame.TEXT -> texts.accept(frame.text());
          case RawFrame.PING -> {
            if (answersPings) {
              line.send(RawFrame.of(RawFrame.PONG, frame.payload()));
            }
          }
          case RawFrame.CLOSE -> {
            code = frame.closeCode();
            line.send(frame);
          }
          default -> {}
        }
      }
    } catch (UncheckedIOException e) {
      end.accept(code);
    }
  }

  /** Waits while another thread holds the reading lock, as a client that does not read. */
  @SuppressWarnings("LockNotBeforeTry")
  private RawFrame nextFrame() {
    while (true) {
      reading.lock();
      reading.unlock();
      try {
        return line.read();
      } catch (UncheckedIOException e) {
        if (cut || !(e.getCause() instanceof SocketTimeoutException)) {
          throw e;
        }
      }
    }
  }

  /** From now on like a peer whose network went away silently. */
  void fallsSilent() {
    answersPings = false;
  }

  /** From the next frame on it takes nothing off the line, as a page does that is asleep. */
  void stopsReading() {
    reading.lock();
  }

  /** Said by the thread that stopped it. */
  void readsOn() {
    reading.unlock();
  }

  /** The TCP connection ends without a word. */
  void cut() {
    cut = true;
    if (reading.isHeldByCurrentThread()) {
      reading.unlock();
    }
    line.close();
  }
}

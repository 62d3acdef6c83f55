package io.heliograph.transport.sockjs;

import io.heliograph.session.CloseReason;
import io.heliograph.session.DuplexTransport;
import io.heliograph.session.Encoding;
import io.heliograph.session.ReadAhead;
import io.heliograph.session.TransportInfo;
import io.heliograph.transport.websocket.WebSocketListener;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * SockJS on a WebSocket: a listener of the socket, and the transport of what it carries. Nothing is
 * read before the open frame has left, and a close frame leaves before the socket is closed.
 */
final class SockJsSocket implements WebSocketListener, DuplexTransport, ReadAhead {

  private static final Logger log = LoggerFactory.getLogger(SockJsSocket.class);

  private final WebSocketListener inner;
  private final int maxText;
  private @Nullable DuplexTransport socket;

  // Guarded by this.
  private boolean writing;
  private @Nullable CloseReason closing;
  private boolean closed;
  private boolean paused;
  private boolean delivering;

  /** Reading of the socket is paused, until all texts are handed over. */
  private boolean socketPaused;

  /** What a message brought and was not handed over yet; null while there is nothing. */
  private @Nullable ArrayDeque<String> texts;

  /**
   * @param maxText the most characters of a text
   */
  SockJsSocket(WebSocketListener inner, int maxText) {
    this.inner = inner;
    this.maxText = maxText;
  }

  private DuplexTransport socket() {
    return Objects.requireNonNull(socket, "used before the opening");
  }

  @Override
  public void onOpen(DuplexTransport opened) {
    socket = opened;
    opened.pauseReading();
    opened.write(
        new ByteBuffer[] {SockJsFraming.open()},
        failure -> {
          if (failure == null) {
            begin();
          }
        });
  }

  private void begin() {
    try {
      inner.onOpen(this);
    } catch (RuntimeException | Error e) {
      fault(e);
    }
    synchronized (this) {
      socketPaused = true;
    }
    deliver(false);
  }

  private void fault(Throwable failure) {
    log.error("A listener failed; its socket is closed", failure);
    close(CloseReason.FAULT);
  }

  // Reading ---------------------------------------------------------------------------------------

  @Override
  public boolean onFrame() {
    return inner.onFrame();
  }

  @Override
  public boolean onPong(int number) {
    return inner.onPong(number);
  }

  @Override
  public void onText(String json) {
    if (json.isEmpty()) {
      return;
    }
    List<String> arrived = SockJsText.parse(json);
    if (arrived == null) {
      close(CloseReason.BAD_FRAME);
      return;
    }
    if (arrived.stream().anyMatch(text -> text.length() > maxText)) {
      if (!onRefused(CloseReason.TOO_BIG)) {
        close(CloseReason.TOO_BIG);
      }
      return;
    }
    synchronized (this) {
      texts = new ArrayDeque<>(arrived);
    }
    deliver(false);
  }

  /**
   * Hands over one text after the other, until reading is paused. Then, or when none is left, the
   * socket is read again unless it was paused.
   *
   * @param counted whether the next text counts as a frame; the first of a message did
   */
  private void deliver(boolean counted) {
    boolean counts = counted;
    for (String text = next(); text != null; text = next()) {
      try {
        if (counts && !inner.onFrame()) {
          forget();
        } else {
          inner.onText(text);
        }
      } catch (RuntimeException | Error e) {
        forget();
        fault(e);
      }
      counts = true;
    }
    boolean read;
    synchronized (this) {
      read = socketPaused && !paused && !delivering;
      socketPaused &= !read;
    }
    if (read) {
      socket().resumeReading();
    }
  }

  private synchronized @Nullable String next() {
    String next = paused || closing != null || texts == null ? null : texts.poll();
    delivering = next != null;
    return next;
  }

  private synchronized void forget() {
    texts = null;
  }

  @Override
  public void pauseReading() {
    synchronized (this) {
      paused = true;
      socketPaused = true;
    }
    socket().pauseReading();
  }

  @Override
  public void resumeReading() {
    synchronized (this) {
      paused = false;
      if (delivering) {
        // The thread that delivers goes on.
        return;
      }
      delivering = true;
    }
    deliver(true);
  }

  @Override
  public boolean onRefused(CloseReason reason) {
    if (!inner.onRefused(reason)) {
      close(reason);
    }
    return true;
  }

  @Override
  public void onClosed(CloseReason reason, int code) {
    forget();
    inner.onClosed(reason, code);
  }

  // Writing ---------------------------------------------------------------------------------------

  @Override
  public void write(ByteBuffer[] frames, WriteCallback done) {
    boolean open;
    synchronized (this) {
      open = closing == null;
      writing = open;
    }
    if (!open) {
      done.written(new ClosedChannelException());
      return;
    }
    socket()
        .write(
            frames,
            failure -> {
              synchronized (this) {
                writing = false;
              }
              done.written(failure);
              sayGoodbye();
            });
  }

  @Override
  public void close(CloseReason reason) {
    if (reason == CloseReason.GONE) {
      abort();
      return;
    }
    synchronized (this) {
      if (closing == null) {
        closing = reason;
      }
    }
    sayGoodbye();
  }

  /** After what is being written. */
  private void sayGoodbye() {
    CloseReason reason;
    synchronized (this) {
      if (closing == null || writing || closed) {
        return;
      }
      closed = true;
      reason = closing;
    }
    socket().write(new ByteBuffer[] {SockJsFraming.close(reason)}, _ -> {});
    socket().close(reason);
  }

  @Override
  public void abort() {
    socket().abort();
  }

  @Override
  public boolean hasEnded() {
    return socket().hasEnded();
  }

  @Override
  public void ping(int number) {
    socket().ping(number);
  }

  @Override
  public TransportInfo info() {
    return socket().info();
  }

  @Override
  public Encoding encoding() {
    return socket().encoding();
  }

  @Override
  public String remoteAddress() {
    return socket().remoteAddress();
  }

  @Override
  public int readAhead() {
    return socket instanceof ReadAhead ahead ? ahead.readAhead() : 0;
  }
}

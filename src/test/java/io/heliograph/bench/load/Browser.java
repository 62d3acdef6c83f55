package io.heliograph.bench.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One browser of a {@link Swarm}: shakes hands, answers pings, and tells of messages. */
final class Browser extends Line {

  private static final Pattern RETRY_AFTER = Pattern.compile("(?im)^retry-after: *(\\d+)");

  private enum State {
    CONNECTING,
    SHAKING_HANDS,
    /** Open; answers that belong to coming in are still awaited. */
    COMING_IN,
    READY,
    /** It reads a stream, in which only the first bytes after the head are waited for. */
    STREAM_BEGINS,
    STREAMS
  }

  private final Swarm swarm;
  private final int index;
  private final long begunNanos = System.nanoTime();
  private State state = State.CONNECTING;
  private int answers;
  private boolean refused;

  /** Needed until it is open; it may hold a token of its own. */
  private @Nullable Greeting greeting;

  Browser(
      Swarm swarm,
      Loop loop,
      int index,
      InetSocketAddress from,
      InetSocketAddress to,
      int receiveBuffer)
      throws IOException {
    super(loop, from, to, receiveBuffer);
    this.swarm = swarm;
    this.index = index;
  }

  int index() {
    return index;
  }

  long begunNanos() {
    return begunNanos;
  }

  boolean isReady() {
    return state == State.READY || state == State.STREAMS;
  }

  @Override
  void onConnected() throws IOException {
    state = State.SHAKING_HANDS;
    Greeting own = swarm.greeting(index);
    greeting = own;
    write(own.requestBytes());
  }

  @Override
  void onRead(ByteBuffer in) throws IOException {
    swarm.onRead();
    if (state == State.SHAKING_HANDS && !shakenHands(in)) {
      return;
    }
    if (state == State.STREAM_BEGINS || state == State.STREAMS) {
      takeStream(in);
      return;
    }
    while (true) {
      int start = in.position();
      int length = Frames.next(in);
      if (length < 0) {
        return;
      }
      int end = in.position() + length;
      take(in.get(start) & 0xf, in, length);
      in.position(end);
    }
  }

  private boolean shakenHands(ByteBuffer in) throws IOException {
    int end = Heads.end(in);
    if (end < 0) {
      return false;
    }
    byte[] bytes = new byte[end - in.position()];
    in.get(bytes);
    String head = new String(bytes, StandardCharsets.US_ASCII);
    int status = Heads.status(head);
    if (status == 200) {
      state = State.STREAM_BEGINS;
      greeting = null;
      return true;
    }
    if (status != 101) {
      refused = true;
      Matcher retryAfter = RETRY_AFTER.matcher(head);
      swarm.onRefused(this, status, retryAfter.find() ? Integer.parseInt(retryAfter.group(1)) : -1);
      cut();
      return false;
    }
    state = State.COMING_IN;
    Greeting own = greeting;
    greeting = null;
    if (own != null) {
      answers = own.answers();
      if (own.hello() != null) {
        write(Frames.text(own.hello()));
      }
    }
    readyWhenAnswered();
    return true;
  }

  /** Its welcome is there with its name; what follows is counted by nobody. */
  private void takeStream(ByteBuffer in) {
    if (state == State.STREAM_BEGINS) {
      byte[] bytes = new byte[in.remaining()];
      in.get(in.position(), bytes);
      if (!new String(bytes, StandardCharsets.US_ASCII).contains("event: welcome")) {
        return;
      }
      state = State.STREAMS;
      swarm.onReady(this);
    }
    in.position(in.limit());
  }

  private void take(int opcode, ByteBuffer in, int length) throws IOException {
    switch (opcode) {
      case Frames.PING -> write(Frames.pong(in, length));
      case Frames.CLOSE -> {
        int code = length < 2 ? 1005 : in.getShort(in.position()) & 0xffff;
        gone(new IOException("closed by the server with " + code));
      }
      default -> {
        if (state == State.COMING_IN) {
          answers--;
          readyWhenAnswered();
        } else {
          swarm.onMessage(this, Stamp.read(in, in.position(), length));
        }
      }
    }
  }

  private void readyWhenAnswered() {
    if (answers == 0) {
      state = State.READY;
      swarm.onReady(this);
    }
  }

  @Override
  void onGone(@Nullable IOException failure) {
    if (!refused) {
      swarm.onGone(this, failure);
    }
  }
}

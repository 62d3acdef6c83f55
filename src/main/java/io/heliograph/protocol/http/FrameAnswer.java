package io.heliograph.protocol.http;

import io.heliograph.protocol.v1.JsonCodec;
import io.heliograph.session.Codec;
import io.heliograph.session.Encoding;
import io.heliograph.session.Framing;
import io.heliograph.session.Payload;
import io.heliograph.session.ServerEvent;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;

/** The frames of version 1 that a poll gathered, as one JSON array. */
final class FrameAnswer implements PollAnswer {

  private static final Encoding ENCODING = new Encoding(new MarkedFrames(), Framing.NONE);

  /** What a frame is to a poll; on the way its name's first letter stands before the frame. */
  private enum Mark {
    /** Says where channels begin. */
    WELCOME,
    /** Answers a request. */
    ANSWER,
    /** Not worth an answer by itself. */
    REST,
    /** A message, a gap or an end. */
    NEWS;

    private byte letter() {
      return (byte) name().charAt(0);
    }

    static Mark of(byte letter) {
      for (Mark mark : values()) {
        if (mark.letter() == letter) {
          return mark;
        }
      }
      throw new IllegalStateException("not encoded here: " + letter);
    }

    static Mark of(ServerEvent event) {
      return switch (event) {
        case ServerEvent.Welcome welcome -> welcome.lost().isEmpty() ? WELCOME : NEWS;
        case ServerEvent.Subscribed _ -> ANSWER;
        case ServerEvent.Refusal refusal -> refusal.id() == null ? NEWS : ANSWER;
        case ServerEvent.Delivery _, ServerEvent.Gap _, ServerEvent.Bye _ -> NEWS;
        case ServerEvent.Unsubscribed _,
            ServerEvent.Authenticated _,
            ServerEvent.Published _,
            ServerEvent.Result _,
            ServerEvent.UploadReady _,
            ServerEvent.Pong _ ->
            REST;
      };
    }
  }

  private static final class MarkedFrames implements Codec {

    private static final JsonCodec FRAMES = new JsonCodec();

    @Override
    public Payload encode(ServerEvent event) {
      ByteBuffer frame = FRAMES.encode(event).bytes();
      return new Payload(
          ByteBuffer.allocate(1 + frame.remaining())
              .put(Mark.of(event).letter())
              .put(frame.duplicate())
              .flip());
    }
  }

  private final List<ByteBuffer> frames = new ArrayList<>();
  private final CompletableFuture<Void> complete = new CompletableFuture<>();
  private int unanswered;
  private int bytes;
  private boolean news;
  private boolean more;

  /**
   * @param requests how many requests will be answered
   */
  FrameAnswer(int requests) {
    unanswered = requests;
  }

  /** Done when there is nothing to wait for but news. */
  CompletableFuture<Void> complete() {
    return complete;
  }

  @Override
  public Encoding encoding() {
    return ENCODING;
  }

  @Override
  public boolean add(ByteBuffer encoded) {
    ByteBuffer frame = encoded.slice();
    Mark mark = Mark.of(frame.get());
    // Answers are few, as the requests are; what comes behind a message that has no room has none.
    boolean room =
        mark == Mark.ANSWER
            || frames.isEmpty()
            || (!more && frames.size() < MAX_MESSAGES && bytes + frame.remaining() <= MAX_BYTES);
    if (room) {
      frames.add(frame.slice());
      bytes += frame.remaining();
    }
    more |= !room;
    news |= mark == Mark.NEWS;
    unanswered -= mark == Mark.ANSWER ? 1 : 0;
    if (saysWhere()) {
      complete.complete(null);
    }
    return room;
  }

  @Override
  public boolean isNews() {
    return news;
  }

  @Override
  public boolean saysWhere() {
    // Behind what has no room nothing is answered: the client asks for it again.
    return !frames.isEmpty() && (more || unanswered <= 0);
  }

  @Override
  public ByteBuffer json() {
    ByteBuffer array = ByteBuffer.allocate(bytes + frames.size() + 2).put((byte) '[');
    for (int i = 0; i < frames.size(); i++) {
      if (i > 0) {
        array.put((byte) ',');
      }
      array.put(frames.get(i).duplicate());
    }
    return array.put((byte) ']').flip();
  }
}

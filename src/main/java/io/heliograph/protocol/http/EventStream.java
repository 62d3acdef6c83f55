package io.heliograph.protocol.http;

import io.heliograph.client.ClientContext;
import io.heliograph.client.ClientConversation;
import io.heliograph.client.ClientRequest;
import io.heliograph.hub.SessionStart;
import io.heliograph.message.Channel;
import io.heliograph.protocol.v1.JsonCodec;
import io.heliograph.session.CloseReason;
import io.heliograph.session.Encoding;
import io.heliograph.session.Framing;
import io.heliograph.session.Identity;
import io.heliograph.session.Liveness;
import io.heliograph.session.ReadAhead;
import io.heliograph.session.Session;
import io.heliograph.session.Subscription;
import io.heliograph.session.Transport;
import io.heliograph.session.TransportInfo;
import io.heliograph.transport.http.ChunkedFraming;
import io.heliograph.transport.http.ResponseStream;
import io.heliograph.transport.http.StreamListener;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One event stream: the transport of its session, and the wiring of its connection to a {@link
 * ClientConversation}. One object, since there may be very many.
 */
final class EventStream implements Transport, ReadAhead, StreamListener {

  static final TransportInfo INFO =
      new TransportInfo("sse", JsonCodec.PROTOCOL, Liveness.NONE, false);

  /**
   * What a stream's client asked for, and how its bytes are framed; one object each, because
   * encoded messages are shared by it.
   */
  private enum Form {
    EVENTS_IN_CHUNKS(EventCodec.EVENTS, ChunkedFraming.CHUNKED),
    EVENTS(EventCodec.EVENTS, Framing.NONE),
    ENVELOPES_IN_CHUNKS(EventCodec.ENVELOPES, ChunkedFraming.CHUNKED),
    ENVELOPES(EventCodec.ENVELOPES, Framing.NONE),
    FRAMES_IN_CHUNKS(EventCodec.FRAMES, ChunkedFraming.CHUNKED),
    FRAMES(EventCodec.FRAMES, Framing.NONE);

    private final Encoding encoding;
    private final ByteBuffer heartbeat;

    Form(EventCodec codec, Framing framing) {
      encoding = new Encoding(codec, framing);
      heartbeat = framing.frame(EventCodec.comment());
    }

    static Form of(EventCodec codec, boolean chunked) {
      return switch (codec) {
        case EVENTS -> chunked ? EVENTS_IN_CHUNKS : EVENTS;
        case ENVELOPES -> chunked ? ENVELOPES_IN_CHUNKS : ENVELOPES;
        case FRAMES -> chunked ? FRAMES_IN_CHUNKS : FRAMES;
      };
    }
  }

  /** Needed until the stream opens, not for its whole life. */
  private record Beginning(
      EventCodec codec, Identity identity, SessionStart start, List<ClientRequest> requests) {}

  private final ClientConversation conversation;
  private final String remoteAddress;
  private @Nullable Beginning beginning;
  private @Nullable Form form;
  private @Nullable ResponseStream stream;

  /** Made for the first message; guarded by the session's lock. */
  private @Nullable PositionVector vector;

  private volatile @Nullable CloseReason closing;

  EventStream(
      ClientContext context,
      String remoteAddress,
      EventCodec codec,
      Identity identity,
      SessionStart start,
      List<ClientRequest> requests) {
    this.conversation = new ClientConversation(context);
    this.remoteAddress = remoteAddress;
    this.beginning = new Beginning(codec, identity, start, requests);
  }

  // The connection --------------------------------------------------------------------------------

  @Override
  public void onOpen(ResponseStream opened) {
    Beginning begin = Objects.requireNonNull(beginning);
    beginning = null;
    stream = opened;
    form = Form.of(begin.codec(), opened.isChunked());
    var _ = conversation.begin(this, begin.identity(), begin.start());
    var _ = FrameRequest.handOver(conversation, begin.requests());
  }

  @Override
  public void onEnd(boolean complete) {
    CloseReason reason = closing;
    if (reason == null) {
      reason = stream().wasLeftInGoodOrder() ? CloseReason.NORMAL : CloseReason.GONE;
    }
    conversation.onEnd(reason);
  }

  // The transport ---------------------------------------------------------------------------------

  @Override
  public TransportInfo info() {
    return INFO;
  }

  @Override
  public Encoding encoding() {
    return form().encoding;
  }

  @Override
  public String remoteAddress() {
    return remoteAddress;
  }

  @Override
  public void write(ByteBuffer[] frames, WriteCallback done) {
    stream().write(frames, done);
  }

  @Override
  public void ping(int number) {
    stream().send(form().heartbeat);
  }

  @Override
  public void close(CloseReason reason) {
    if (reason == CloseReason.GONE) {
      abort();
      return;
    }
    closing = reason;
    stream().end();
  }

  @Override
  public void abort() {
    stream().abort();
  }

  @Override
  public boolean hasEnded() {
    return stream().hasEnded();
  }

  @Override
  public int readAhead() {
    return stream == null ? 0 : stream.readAhead();
  }

  /** What the ids of this stream's events are made of. Called under the session's lock. */
  PositionVector vector(Session session) {
    if (vector == null) {
      vector =
          new PositionVector(
              session.subscriptions().stream()
                  .map(Subscription::channel)
                  .filter(channel -> !(channel instanceof Channel.OneSession))
                  .toList());
    }
    return vector;
  }

  private ResponseStream stream() {
    return Objects.requireNonNull(stream, "used before the stream is open");
  }

  private Form form() {
    return Objects.requireNonNull(form, "used before the stream is open");
  }
}

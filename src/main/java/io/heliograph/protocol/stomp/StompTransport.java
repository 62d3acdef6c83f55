package io.heliograph.protocol.stomp;

import io.heliograph.client.ClientConversation;
import io.heliograph.message.Channel;
import io.heliograph.message.Ids;
import io.heliograph.message.Position;
import io.heliograph.problem.ProblemType;
import io.heliograph.session.CloseReason;
import io.heliograph.session.DuplexTransport;
import io.heliograph.session.Encoding;
import io.heliograph.session.Framing;
import io.heliograph.session.Payload;
import io.heliograph.session.ReadAhead;
import io.heliograph.session.ServerEvent;
import io.heliograph.session.ServerEvent.Problem;
import io.heliograph.session.Transport;
import io.heliograph.session.TransportInfo;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A client's connection as its session writes to it: messages as on every transport, and answers in
 * the words of the client's own subscriptions. Safe for many threads.
 */
final class StompTransport implements Transport, ReadAhead {

  private final DuplexTransport socket;
  private final Encoding encoding;
  private final ClientConversation conversation;
  private final StompSubscriptions subscriptions = new StompSubscriptions();

  /** What the ERROR before the close says; null: what the close reason says. */
  private volatile @Nullable StompError error;

  /**
   * @param encoding whose codec is a {@link StompCodec}
   */
  StompTransport(DuplexTransport socket, Encoding encoding, ClientConversation conversation) {
    this.socket = socket;
    this.encoding = encoding;
    this.conversation = conversation;
  }

  StompSubscriptions subscriptions() {
    return subscriptions;
  }

  StompCodec codec() {
    return (StompCodec) encoding.codec();
  }

  StompVersion version() {
    return codec().version();
  }

  /** Ends the session with an ERROR. */
  void end(StompException failure, @Nullable String receipt) {
    error = failure.error(receipt);
    conversation.onMalformed(failure.reason(), failure.detail());
  }

  // What is said to this client alone
  // ----------------------------------------------------------------

  @Override
  public ByteBuffer encode(ServerEvent event) {
    return switch (event) {
      case ServerEvent.Subscribed subscribed -> subscribed(subscribed);
      case ServerEvent.Gap gap -> gap(gap);
      case ServerEvent.Result result -> result(result);
      case ServerEvent.Refusal(String id, _, Problem problem) when id != null ->
          refusal(RequestName.parse(id), problem);
      case ServerEvent.Refusal(_, Channel channel, Problem problem) when channel != null ->
          ended(channel, problem);
      case ServerEvent.Bye bye -> bye(bye);
      default -> encoding.encode(event);
    };
  }

  private ByteBuffer subscribed(ServerEvent.Subscribed answer) {
    RequestName name = RequestName.parse(Objects.requireNonNull(answer.id()));
    StompSubscription begun = subscriptions.get(Objects.requireNonNull(name.subject()));
    Position joined = begun == null ? null : begun.after();
    if (begun == null || joined != null) {
      return encoding.encode(joined == null ? answer : answer.at(joined));
    }
    ByteBuffer receipt = encoding.encode(answer);
    // For a resume the channel is read again, and until then its cursor says what was sent.
    Position sent = begun.resumes() ? conversation.position(answer.channel()) : null;
    subscriptions.began(begun, answer.position(), sent);
    if (answer.recovered()) {
      return receipt;
    }
    List<StompSubscription> missed = subscriptions.behind(answer.channel(), answer.position());
    if (name.receipt() == null) {
      // Nothing else would report the loss.
      missed.add(begun);
    }
    return joined(
        List.of(receipt, copies(new ServerEvent.Gap(answer.channel(), answer.position()), missed)));
  }

  private ByteBuffer gap(ServerEvent.Gap gap) {
    return copies(
        gap, subscriptions.of(gap.channel()).stream().filter(StompSubscription::hasBegun).toList());
  }

  /** A reply, where the client listens to it, and the receipt. */
  private ByteBuffer result(ServerEvent.Result result) {
    RequestName name = RequestName.parse(Objects.requireNonNull(result.id()));
    String method = Objects.requireNonNull(name.method());
    List<ByteBuffer> frames = new ArrayList<>(2);
    for (StompSubscription each :
        subscriptions.to(destination -> Destination.isOfReplies(destination, method))) {
      frames.add(
          encoding.frame(
              new Payload(own(each).header("correlation-id", name.subject()).end(result.data()))));
    }
    frames.add(encoding.encode(result));
    return joined(frames);
  }

  private ByteBuffer refusal(RequestName name, Problem problem) {
    return switch (name.kind()) {
      case SUBSCRIBE -> {
        StompSubscription refused = subscriptions.remove(Objects.requireNonNull(name.subject()));
        if (problem.status() == ProblemType.UNAVAILABLE.status()) {
          // A client does not subscribe again by itself, but it connects again.
          conversation.onMalformed(
              CloseReason.UNAVAILABLE, "a SUBSCRIBE that cannot be served now");
          yield NOTHING;
        }
        yield refused == null ? NOTHING : problem(refused, name, problem);
      }
      // The right has ended meanwhile: that was reported, and nothing comes any more.
      case UNSUBSCRIBE -> encoding.encode(new ServerEvent.Unsubscribed(name.text()));
      // Not worth the connection: a handler may acknowledge whatever it gets.
      case ACK -> {
        yield errors(name, problem);
      }
      case SEND, CALL -> {
        ByteBuffer frame = errors(name, problem);
        if (frame.hasRemaining()) {
          yield frame;
        }
        error = new StompError("refused: " + problem.title(), problem, name.receipt());
        conversation.onMalformed(
            CloseReason.FORBIDDEN, "a refused SEND of a client without /user/queue/errors");
        yield NOTHING;
      }
      case RECEIPT -> NOTHING;
    };
  }

  private static final ByteBuffer NOTHING = Payload.NOTHING.bytes();

  /** Empty: the client does not listen for errors. */
  private ByteBuffer errors(RequestName name, Problem problem) {
    return joined(
        subscriptions.to(Destination.ERRORS::equals).stream()
            .map(each -> problem(each, name, problem))
            .toList());
  }

  /** The right to follow a channel has ended. */
  private ByteBuffer ended(Channel channel, Problem problem) {
    List<ByteBuffer> frames = new ArrayList<>(1);
    for (StompSubscription each : subscriptions.of(channel)) {
      subscriptions.remove(each.id());
      frames.add(
          problem(each, RequestName.of(RequestName.Kind.SUBSCRIBE, null, each.id()), problem));
    }
    return joined(frames);
  }

  private ByteBuffer problem(StompSubscription to, RequestName name, Problem problem) {
    Channel channel = to.channel();
    return encoding.frame(
        new Payload(
            own(to)
                .header("channel", channel == null ? null : channel.text())
                .header("event", "error")
                .header("receipt-id", name.receipt())
                .header(
                    "correlation-id", name.kind() == RequestName.Kind.CALL ? name.subject() : null)
                .end(ProblemJson.of(problem))));
  }

  /** A MESSAGE that is no message of a channel. */
  private FrameWriter own(StompSubscription subscription) {
    return FrameWriter.frame("MESSAGE", version())
        .header("subscription", subscription.id())
        .header("destination", subscription.destination())
        .header("message-id", Ids.random128());
  }

  private ByteBuffer bye(ServerEvent.Bye bye) {
    StompError said = error;
    if (said == null
        && (bye.reconnectAfter() != null || bye.reason().equals(CloseReason.NORMAL.tag()))) {
      return NOTHING;
    }
    return encoding.frame(
        new Payload(
            errorFrame(
                version(),
                said == null ? bye.reason() : said.message(),
                said == null ? null : said.problem(),
                said == null ? null : said.receipt())));
  }

  static ByteBuffer errorFrame(
      StompVersion version, String message, @Nullable Problem problem, @Nullable String receipt) {
    FrameWriter frame =
        FrameWriter.frame("ERROR", version)
            .header("message", message)
            .header("receipt-id", receipt)
            .header("come-back", "false");
    return problem == null ? frame.end() : frame.end(ProblemJson.of(problem));
  }

  private ByteBuffer copies(ServerEvent.Gap gap, List<StompSubscription> to) {
    Payload payload = codec().encode(gap);
    Framing framing = encoding.framing();
    List<ByteBuffer> frames = new ArrayList<>(2 * to.size());
    for (StompSubscription each : to) {
      each.skipsTo(gap.position());
      ByteBuffer head = codec().head(each, StompCodec.gapId(gap.position()), gap.position());
      frames.add(framing.begin(head, payload.bytes()));
      frames.add(framing.rest(payload.bytes()));
    }
    return joined(frames);
  }

  private static ByteBuffer joined(List<ByteBuffer> parts) {
    int size = 0;
    for (ByteBuffer part : parts) {
      size += part.remaining();
    }
    ByteBuffer joined = ByteBuffer.allocate(size);
    parts.forEach(part -> joined.put(part.duplicate()));
    return joined.flip().asReadOnlyBuffer();
  }

  // The transport
  // -------------------------------------------------------------------------------------

  @Override
  public TransportInfo info() {
    return socket.info();
  }

  @Override
  public Encoding encoding() {
    return encoding;
  }

  @Override
  public String remoteAddress() {
    return socket.remoteAddress();
  }

  @Override
  public void write(ByteBuffer[] frames, WriteCallback done) {
    socket.write(frames, done);
  }

  @Override
  public void ping(int number) {
    socket.ping(number);
  }

  @Override
  public void close(CloseReason reason) {
    socket.close(reason);
  }

  @Override
  public boolean hasEnded() {
    return socket.hasEnded();
  }

  @Override
  public void abort() {
    socket.abort();
  }

  @Override
  public int readAhead() {
    return socket instanceof ReadAhead ahead ? ahead.readAhead() : 0;
  }
}

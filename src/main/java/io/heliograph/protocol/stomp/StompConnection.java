package io.heliograph.protocol.stomp;

import io.heliograph.client.Admission;
import io.heliograph.client.Caller;
import io.heliograph.client.ClientConversation;
import io.heliograph.client.LateAdmission;
import io.heliograph.concurrent.Background;
import io.heliograph.problem.ProblemType;
import io.heliograph.session.CloseReason;
import io.heliograph.session.DuplexTransport;
import io.heliograph.session.Encoding;
import io.heliograph.session.Identity;
import io.heliograph.session.Payload;
import io.heliograph.session.ServerEvent.Problem;
import io.heliograph.transport.websocket.WebSocketListener;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One WebSocket that speaks STOMP: makes frames of its messages and handles one after the other.
 * The client says who it is in the first, {@code CONNECT}; before it is admitted there is no
 * session.
 */
final class StompConnection implements WebSocketListener, LateAdmission.Newcomer {

  private static final Logger log = LoggerFactory.getLogger(StompConnection.class);

  private static final CompletableFuture<Void> DONE = CompletableFuture.completedFuture(null);

  private final StompContext context;
  private final ClientConversation conversation;

  /** What the handshake showed; null from the opening on. */
  private @Nullable Caller caller;

  private @Nullable DuplexTransport socket;

  /** Null once the client is admitted. */
  private volatile @Nullable LateAdmission admission;

  private StompVersion version = StompVersion.V1_2;

  /** Null before the client is admitted. */
  private volatile @Nullable StompRequests requests;

  /** Null while no part of a frame waits. */
  private @Nullable FrameDecoder decoder;

  /** Nothing that comes counts any more. */
  private volatile boolean ending;

  StompConnection(StompContext context, Caller caller) {
    this.context = context;
    this.caller = caller;
    this.conversation = new ClientConversation(context.clients());
  }

  @Override
  public void onOpen(DuplexTransport opened) {
    socket = opened;
    Caller who = Objects.requireNonNull(caller);
    caller = null;
    LateAdmission late = context.admissions().open(who, this);
    admission = late;
    if (opened.hasEnded()) {
      late.onEnd();
    }
  }

  private Encoding encoding() {
    return context.encoding(version, socket().encoding().framing());
  }

  private DuplexTransport socket() {
    return Objects.requireNonNull(socket);
  }

  // What arrives ----------------------------------------------------------------------------------

  @Override
  public boolean onFrame() {
    if (conversation.onSignOfLife()) {
      return true;
    }
    if (requests == null) {
      end(CloseReason.TOO_MANY, null);
    }
    return false;
  }

  @Override
  public boolean onPong(int number) {
    return conversation.onPong(number);
  }

  @Override
  public void onText(String text) {
    onBytes(text.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public void onBinary(ByteBuffer data) {
    byte[] bytes = new byte[data.remaining()];
    data.get(bytes);
    onBytes(bytes);
  }

  private void onBytes(byte[] bytes) {
    if (ending) {
      return;
    }
    if (decoder == null) {
      decoder = new FrameDecoder(context.maxFrame());
    }
    decoder.add(bytes);
    handleAll(false);
  }

  /**
   * Handles the frames that have come whole, until one has to be waited for.
   *
   * @param paused reading is paused, and goes on when all are handled
   */
  private void handleAll(boolean paused) {
    boolean counted = true;
    while (!ending) {
      CompletableFuture<Void> handled;
      StompFrame frame = null;
      try {
        frame = Objects.requireNonNull(decoder).next(version);
        if (frame == null) {
          break;
        }
        // The first was counted as it arrived.
        if (!counted && !onFrame()) {
          break;
        }
        counted = false;
        handled = handle(frame);
      } catch (StompException e) {
        end(e, frame == null ? null : frame.header("receipt"));
        break;
      }
      if (!handled.isDone()) {
        if (!paused) {
          socket().pauseReading();
        }
        Background.onCompletion(
            handled, (_, _) -> handleAll(true), failure -> socket().close(CloseReason.FAULT));
        return;
      }
    }
    if (ending || (decoder != null && decoder.isEmpty())) {
      decoder = null;
    }
    if (paused) {
      socket().resumeReading();
    }
  }

  private CompletableFuture<Void> handle(StompFrame frame) throws StompException {
    StompRequests admitted = requests;
    if (admitted != null) {
      ending = frame.command() == StompFrame.Command.DISCONNECT;
      return admitted.handle(frame);
    }
    LateAdmission late = admission;
    if (!frame.command().connects()) {
      throw StompException.malformed("the first frame has to be CONNECT");
    }
    StompVersion best = StompVersion.best(frame.header("accept-version"));
    if (best == null) {
      throw StompException.malformed("accept-version has to name one of " + StompVersion.all());
    }
    version = best;
    return late == null ? DONE : late.identify(token(frame));
  }

  /** Null: the frame shows none. */
  private static @Nullable String token(StompFrame connect) {
    String authorization = connect.header("Authorization");
    if (authorization == null) {
      authorization = connect.header("authorization");
    }
    if (authorization != null) {
      return authorization.regionMatches(true, 0, "Bearer ", 0, 7)
          ? authorization.substring(7).strip()
          : authorization;
    }
    String passcode = connect.header("passcode");
    return passcode == null || passcode.isEmpty() ? null : passcode;
  }

  // Who it is -------------------------------------------------------------------------------------

  @Override
  public void admitted(Identity identity) {
    var transport = new StompTransport(socket(), encoding(), conversation);
    requests = new StompRequests(context, transport, conversation);
    admission = null;
    try {
      conversation.begin(transport, identity);
    } catch (RuntimeException | Error e) {
      log.error("Beginning a session failed", e);
      socket().close(CloseReason.FAULT);
    }
  }

  @Override
  public void refused(Admission.Refused refused) {
    boolean token = refused.problem() == ProblemType.UNAUTHENTICATED;
    end(
        refused.closeReason(),
        new StompError(
            token ? "token refused" : "refused",
            Problem.of(refused.problem(), refused.detail()),
            null));
  }

  @Override
  public boolean hasEnded() {
    return socket().hasEnded();
  }

  // How it ends -----------------------------------------------------------------------------------

  /** A message that the layer below refuses. */
  @Override
  public boolean onRefused(CloseReason reason) {
    if (reason != CloseReason.TOO_BIG) {
      return false;
    }
    end(
        StompException.tooBig(
            "A message has at most "
                + context.maxFrame()
                + " bytes (heliograph.websocket.max-frame)"),
        null);
    return true;
  }

  private void end(StompException failure, @Nullable String receipt) {
    StompRequests admitted = requests;
    if (admitted != null) {
      ending = true;
      admitted.transport().end(failure, receipt);
    } else {
      conversation.onMalformed(failure.reason(), failure.detail());
      end(failure.reason(), failure.error(receipt));
    }
  }

  /**
   * Closes a connection without a session.
   *
   * @param error what is said before; not to a client that may come back
   */
  private void end(CloseReason reason, @Nullable StompError error) {
    synchronized (this) {
      if (ending) {
        return;
      }
      ending = true;
    }
    if (error != null && !reason.comeBack()) {
      ByteBuffer frame =
          StompTransport.errorFrame(version, error.message(), error.problem(), error.receipt());
      socket().write(new ByteBuffer[] {encoding().frame(new Payload(frame)).duplicate()}, _ -> {});
    }
    socket().close(reason);
  }

  @Override
  public void onClosed(CloseReason reason, int code) {
    ending = true;
    LateAdmission late = admission;
    if (late != null) {
      late.onEnd();
    }
    boolean normal = reason == CloseReason.GONE && (code == 1000 || code == 1001);
    conversation.onEnd(normal ? CloseReason.NORMAL : reason);
  }
}

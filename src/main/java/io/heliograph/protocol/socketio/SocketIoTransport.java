package io.heliograph.protocol.socketio;

import io.heliograph.message.Channel;
import io.heliograph.message.Position;
import io.heliograph.session.CloseReason;
import io.heliograph.session.DuplexTransport;
import io.heliograph.session.Encoding;
import io.heliograph.session.Identity;
import io.heliograph.session.MessageTrail;
import io.heliograph.session.Payload;
import io.heliograph.session.ServerEvent;
import io.heliograph.session.Subscription;
import io.heliograph.session.TransportInfo;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The Engine.IO session of a client, with what Socket.IO needs to let the client recover it: the
 * key under which it is kept, and the trail of what it was sent.
 */
final class SocketIoTransport implements DuplexTransport, MessageTrail {

  private final DuplexTransport engine;
  private final SocketIoContext context;
  private final boolean asksToRecover;
  private final boolean recovered;

  /** Of the session that the client recovers; null: none, or the welcome was made. */
  private @Nullable String recoveredId;

  /** Under which the session is kept when it is lost; see {@link SocketIoContext#key}. */
  private volatile long keyHigh;

  private volatile long keyLow;

  /** Null until a message is sent, and where nothing can be recovered. */
  private volatile @Nullable Trail trail;

  /**
   * @param start what it starts with
   * @param asked what its client said
   */
  SocketIoTransport(
      DuplexTransport engine, SocketIoContext context, Start start, ConnectRequest asked) {
    this.engine = engine;
    this.context = context;
    this.asksToRecover = asked.privateId() != null || asked.positions() != null;
    this.recovered = start.recovered();
    this.recoveredId = recovered && asked.positions() == null ? asked.privateId() : null;
    String offset = recoveredId == null ? null : asked.offset();
    this.trail = offset == null ? null : new Trail(offset);
  }

  /** Called for the welcome first, before anything is written. */
  @Override
  public ByteBuffer encode(ServerEvent event) {
    return event instanceof ServerEvent.Welcome welcome
        ? encoding().framing().frame(welcome(welcome).bytes())
        : engine.encode(event);
  }

  private Payload welcome(ServerEvent.Welcome welcome) {
    boolean all = recovered && welcome.lost().isEmpty();
    if (asksToRecover) {
      context.count(all);
    }
    String privateId = null;
    if (context.recovers()) {
      privateId = all && recoveredId != null ? recoveredId : context.newPrivateId();
      ByteBuffer key = SocketIoContext.key(privateId);
      keyHigh = key.getLong();
      keyLow = key.getLong();
    }
    recoveredId = null;
    return SocketIoCodec.welcome(welcome, privateId, all);
  }

  @Override
  public void onWriting(Channel channel, Position position) {
    if (!context.recovers()) {
      return;
    }
    Trail steps = trail;
    if (steps == null) {
      steps = new Trail(SocketIoCodec.START);
      trail = steps;
    }
    steps.add(channel, position);
  }

  /**
   * The session is lost; its client may come back.
   *
   * @param followed what it followed
   */
  void keep(Identity identity, List<Subscription> followed) {
    if (context.recovers()) {
      Trail steps = trail;
      KeptSession kept =
          KeptSession.of(
              identity, followed, steps == null ? new Trail(SocketIoCodec.START) : steps);
      if (kept != null) {
        context.keep(keyHigh, keyLow, kept);
      }
    }
  }

  @Override
  public TransportInfo info() {
    return engine.info();
  }

  @Override
  public Encoding encoding() {
    return engine.encoding();
  }

  @Override
  public String remoteAddress() {
    return engine.remoteAddress();
  }

  @Override
  public void write(ByteBuffer[] frames, WriteCallback done) {
    engine.write(frames, done);
  }

  @Override
  public void ping(int number) {
    engine.ping(number);
  }

  @Override
  public void close(CloseReason reason) {
    engine.close(reason);
  }

  @Override
  public boolean hasEnded() {
    return engine.hasEnded();
  }

  @Override
  public void abort() {
    engine.abort();
  }

  @Override
  public void pauseReading() {
    engine.pauseReading();
  }

  @Override
  public void resumeReading() {
    engine.resumeReading();
  }
}

package io.heliograph.protocol.socketio;

import io.heliograph.message.Channel;
import io.heliograph.message.Position;
import io.heliograph.session.CloseReason;
import io.heliograph.session.DuplexTransport;
import io.heliograph.session.Encoding;
import io.heliograph.session.MessageTrail;
import io.heliograph.session.ServerEvent;
import io.heliograph.session.TransportInfo;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The Engine.IO session of a client, with what Socket.IO needs to let the client recover it: its
 * private id, and the trail of what it was sent.
 */
final class SocketIoTransport implements DuplexTransport, MessageTrail {

  private final DuplexTransport engine;
  private final SocketIoContext context;
  private final boolean asksToRecover;
  private final boolean recovered;

  /** Of the session that is recovered; then of this one. */
  private volatile @Nullable String privateId;

  private final String from;

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
    this.privateId = start.recovered() && asked.positions() == null ? asked.privateId() : null;
    this.from = privateId == null || asked.offset() == null ? SocketIoCodec.START : asked.offset();
  }

  /** Called for the welcome first, before anything is written. */
  @Override
  public ByteBuffer encode(ServerEvent event) {
    if (!(event instanceof ServerEvent.Welcome welcome)) {
      return engine.encode(event);
    }
    boolean all = recovered && welcome.lost().isEmpty();
    if (!context.recovers()) {
      privateId = null;
    } else if (!all || privateId == null) {
      privateId = context.newPrivateId();
    }
    if (asksToRecover) {
      context.count(all);
    }
    return encoding().framing().frame(SocketIoCodec.welcome(welcome, privateId, all).bytes());
  }

  @Override
  public void onWriting(Channel channel, Position position) {
    if (privateId == null) {
      return;
    }
    Trail steps = trail;
    if (steps == null) {
      steps = new Trail();
      trail = steps;
    }
    steps.add(channel, position);
  }

  /** By which its client can recover the session; null: it cannot. */
  @Nullable String privateId() {
    return privateId;
  }

  /** An offset that stands for this session's beginning, because its client may have sent it. */
  String from() {
    return from;
  }

  Trail trail() {
    Trail steps = trail;
    return steps == null ? new Trail() : steps;
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

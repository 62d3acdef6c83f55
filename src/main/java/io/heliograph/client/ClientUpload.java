package io.heliograph.client;

import io.heliograph.session.DuplexTransport;
import io.heliograph.session.ServerEvent;
import io.heliograph.session.Session;
import java.nio.ByteBuffer;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One upload of a client, from its announcement to its answer. Its bytes come on the thread that
 * reads the connection, which pauses while the backend takes none; the rest on any thread.
 */
public final class ClientUpload implements ClientUploads.Listener {

  private final @Nullable String id;
  private final Session session;
  private final DuplexTransport connection;
  private final Consumer<ClientUpload> onAnswered;
  private final AtomicBoolean paused = new AtomicBoolean();

  // Set before the first byte comes.
  private volatile ClientUploads.@Nullable Sink sink;
  private long left;

  /**
   * @param onAnswered gets this before the client gets the answer
   */
  ClientUpload(
      @Nullable String id,
      Session session,
      DuplexTransport connection,
      Consumer<ClientUpload> onAnswered) {
    this.id = id;
    this.session = session;
    this.connection = connection;
    this.onAnswered = onAnswered;
  }

  void begin(ClientUploads.Opened opened) {
    sink = opened.sink();
    left = opened.maxBytes();
    opened.sink().begin();
  }

  /**
   * A fragment begins.
   *
   * @param length an unsigned number
   * @return false when the upload is larger than it may be; it is ended by that
   */
  public boolean onFragment(long length) {
    if (Long.compareUnsigned(length, left) > 0) {
      abort();
      return false;
    }
    left -= length;
    return true;
  }

  public void onPiece(ByteBuffer piece) {
    session.pings().onSignOfLife();
    ClientUploads.Sink to = sink;
    if (to == null || to.write(piece)) {
      return;
    }
    session.pings().onReadingPaused();
    connection.pauseReading();
    // Only now: progress that came before the pause must not use up what resumes it.
    paused.set(true);
    if (to.hasRoom()) {
      resume();
    }
  }

  public void onEnd() {
    session.pings().onSignOfLife();
    ClientUploads.Sink to = sink;
    if (to != null) {
      to.finish();
    }
  }

  void abort() {
    ClientUploads.Sink to = sink;
    if (to != null) {
      to.abort();
    }
  }

  /**
   * While reading pauses, this shows that the client lives, since its answers to pings are not
   * read.
   */
  @Override
  public void onProgress() {
    session.pings().onSignOfLife();
    resume();
  }

  /** Only if this paused it: requests pause it, too. */
  private void resume() {
    if (paused.compareAndSet(true, false)) {
      session.pings().onReadingResumed();
      connection.resumeReading();
    }
  }

  @Override
  public void onAnswer(ClientCalls.Answer answer) {
    onAnswered.accept(this);
    session.send(
        switch (answer) {
          case ClientCalls.Answered(String data) -> new ServerEvent.Result(id, data);
          case ClientCalls.Refused(ServerEvent.Problem problem) ->
              new ServerEvent.Refusal(id, problem);
        });
    resume();
  }
}

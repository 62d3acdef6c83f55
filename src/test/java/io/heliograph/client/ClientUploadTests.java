package io.heliograph.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.message.Channel;
import io.heliograph.session.Encoding;
import io.heliograph.session.Identity;
import io.heliograph.session.Liveness;
import io.heliograph.session.Session;
import io.heliograph.session.SessionContext;
import io.heliograph.session.SessionListener;
import io.heliograph.session.TransportInfo;
import io.heliograph.support.IdleTransport;
import io.heliograph.support.TextProtocol;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The risk: reading that was paused for the backend is never resumed. */
class ClientUploadTests {

  /** Takes a piece and is then full, until it has room again. */
  private static final class OneByOne implements ClientUploads.Sink {
    boolean room = true;
    boolean aborted;

    @Override
    public void begin() {}

    @Override
    public boolean write(ByteBuffer piece) {
      room = false;
      return false;
    }

    @Override
    public boolean hasRoom() {
      return room;
    }

    @Override
    public void finish() {}

    @Override
    public void abort() {
      aborted = true;
    }
  }

  private final List<String> reading = new ArrayList<>();
  private final OneByOne sink = new OneByOne();
  private Runnable beforePause = () -> {};
  private Runnable afterPause = () -> {};

  private final IdleTransport connection =
      new IdleTransport() {
        @Override
        public TransportInfo info() {
          return new TransportInfo("test", "text", Liveness.PING, false);
        }

        @Override
        public Encoding encoding() {
          return TextProtocol.ENCODING;
        }

        @Override
        public void pauseReading() {
          beforePause.run();
          reading.add("paused");
          afterPause.run();
        }

        @Override
        public void resumeReading() {
          reading.add("resumed");
        }
      };

  private final Session session =
      new Session(
          new Channel.OneSession("AAAAAAAAAAAAAAAAAAAAAA"),
          connection,
          new SessionContext(new SessionListener() {}, 1024, () -> 0),
          Identity.ANONYMOUS,
          Instant.EPOCH,
          Long.MAX_VALUE / 2);

  private final ClientUpload upload = upload();

  private ClientUpload upload() {
    ClientUpload made = new ClientUpload("1", session, connection, _ -> {});
    made.begin(new ClientUploads.Opened(sink, 1000));
    return made;
  }

  private void piece() {
    upload.onPiece(ByteBuffer.allocate(10));
  }

  /** On another thread, that is. */
  private void progresses() {
    sink.room = true;
    upload.onProgress();
  }

  @Test
  void progressAfterThePauseResumes() {
    piece();
    assertThat(reading).containsExactly("paused");
    progresses();
    progresses();
    assertThat(reading).containsExactly("paused", "resumed");
  }

  @Test
  void progressJustBeforeThePauseIsNotLost() {
    beforePause = this::progresses;
    piece();
    assertThat(reading).last().isEqualTo("resumed");
  }

  @Test
  void progressJustAfterThePauseIsNotLost() {
    afterPause = this::progresses;
    piece();
    assertThat(reading).last().isEqualTo("resumed");
  }

  @Test
  void anAnswerResumesToo() {
    piece();
    sink.room = true;
    upload.onAnswer(new ClientCalls.Answered("1"));
    assertThat(reading).containsExactly("paused", "resumed");
  }

  @Test
  void progressResumesNothingThatSomethingElsePaused() {
    progresses();
    assertThat(reading).isEmpty();
  }

  @Test
  void moreThanTheLimitIsJudgedByTheFragmentsLength() {
    assertThat(upload.onFragment(600)).isTrue();
    assertThat(upload.onFragment(400)).isTrue();
    assertThat(upload.onFragment(0)).isTrue();
    assertThat(sink.aborted).isFalse();
    assertThat(upload.onFragment(-1)).as("an unsigned length of 2^64-1").isFalse();
    assertThat(sink.aborted).isTrue();
  }
}

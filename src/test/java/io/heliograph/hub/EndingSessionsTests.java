package io.heliograph.hub;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.broker.memory.MemoryBrokers;
import io.heliograph.session.CloseReason;
import io.heliograph.session.Identity;
import io.heliograph.session.Session;
import io.heliograph.support.HubOfTests;
import io.heliograph.support.ManualClock;
import io.heliograph.support.RecordingTransport;
import java.time.Duration;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The risk: a session that ends while it begins is counted, listed and followed for ever. */
class EndingSessionsTests {

  private static final Identity ALICE = new Identity("alice", Set.of(), null);

  private final HubOfTests node = new HubOfTests(MemoryBrokers.noPeers(), new ManualClock());
  private final HubParts parts = node.parts();

  @AfterEach
  void stop() {
    node.close();
  }

  private void nothingIsLeft() {
    assertThat(parts.registry().size()).isZero();
    assertThat(parts.registry().channels()).isZero();
  }

  /** The welcome cannot be written: the transport reports the end from within. */
  @Test
  void anEndThatTheFirstWriteFindsLeavesNothing() {
    var line = new RecordingTransport().mode(RecordingTransport.Mode.FAILING);
    Session session = requireNonNull(parts.hub().connect(line, ALICE));
    assertThat(session).isNotNull();
    assertThat(line.aborted()).isTrue();
    parts.hub().disconnect(session, CloseReason.GONE);
    nothingIsLeft();
  }

  @Test
  void anEndThatIsReportedTwiceIsCountedOnce() {
    Session session = requireNonNull(parts.hub().connect(new RecordingTransport(), ALICE));
    Session other = requireNonNull(parts.hub().connect(new RecordingTransport(), ALICE));
    assertThat(session).isNotNull();
    parts.hub().disconnect(session, CloseReason.GONE);
    parts.hub().disconnect(session, CloseReason.GONE);
    assertThat(parts.registry().size()).isOne();
    parts.hub().disconnect(other, CloseReason.GONE);
    nothingIsLeft();
  }

  /** Nobody reports it, and nothing has to be written to find it. */
  @Test
  void theHeartbeatEndsASessionWhoseConnectionHasEndedUnnoticed() {
    var line = new RecordingTransport();
    assertThat(parts.hub().connect(line, ALICE)).isNotNull();
    parts.hub().tick();
    int written = line.frames().size();
    line.endsUnnoticed();
    node.passes(Duration.ofHours(1));
    parts.hub().tick();
    node.passes(Duration.ofHours(1));
    parts.hub().tick();
    nothingIsLeft();
    assertThat(line.frames()).hasSize(written);
    assertThat(line.pings()).isLessThanOrEqualTo(1);
  }
}

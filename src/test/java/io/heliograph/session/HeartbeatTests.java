package io.heliograph.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.message.Channel;
import io.heliograph.message.Ids;
import io.heliograph.support.RecordingTransport;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class HeartbeatTests {

  private static final Duration INTERVAL = Duration.ofSeconds(25);
  private static final int TICKS_A_ROUND = 100;
  private static final long TICK = INTERVAL.toNanos() / TICKS_A_ROUND;

  private final SessionRegistry registry = new SessionRegistry();
  private final Map<Session, CloseReason> closed = new HashMap<>();
  private long nanos = 1_000_000_000_000L;
  private final Heartbeat heartbeat = new Heartbeat(registry, INTERVAL, nanos, closed::put);

  @Test
  void eachSessionIsPingedOnceARound() {
    List<Session> sessions = connect(1_000, Long.MAX_VALUE / 2);
    round(sessions);
    for (int round = 1; round <= 3; round++) {
      round(sessions);
      int rounds = round;
      assertThat(sessions).allSatisfy(s -> assertThat(pings(s)).isEqualTo(rounds));
    }
    assertThat(closed).isEmpty();
  }

  @Test
  void pingsAreSpreadOverTheRound() {
    List<Session> sessions = connect(1_000, Long.MAX_VALUE / 2);
    round(sessions);
    int most = 0;
    for (int i = 0; i < TICKS_A_ROUND; i++) {
      int before = sessions.stream().mapToInt(HeartbeatTests::pings).sum();
      tick();
      most = Math.max(most, sessions.stream().mapToInt(HeartbeatTests::pings).sum() - before);
    }
    assertThat(most).isLessThanOrEqualTo(11);
  }

  /** Case 74 of the QR login's list: gone a minute after its last sign of life. */
  @Test
  void aSessionThatFallsSilentIsClosedWithinAMinute() {
    List<Session> sessions = connect(100, Long.MAX_VALUE / 2);
    round(sessions);
    round(sessions);
    Session silent = sessions.remove(37);
    long lastSign = nanos;
    while (closed.isEmpty() && nanos - lastSign < Duration.ofHours(1).toNanos()) {
      tick();
      sessions.forEach(session -> session.pings().onSignOfLife());
    }
    assertThat(closed).containsExactly(Map.entry(silent, CloseReason.SILENT));
    assertThat(Duration.ofNanos(nanos - lastSign)).isLessThanOrEqualTo(Duration.ofSeconds(60));
  }

  @Test
  void aSilentSessionIsFoundWithinTwoRounds() {
    List<Session> sessions = connect(100, Long.MAX_VALUE / 2);
    Session silent = sessions.remove(37);
    round(sessions);
    round(sessions);
    round(sessions);
    assertThat(closed).containsExactly(Map.entry(silent, CloseReason.SILENT));
  }

  @Test
  void aSessionThatHasLivedLongEnoughIsEnded() {
    List<Session> sessions = connect(10, Long.MAX_VALUE / 2);
    Session old = connect(1, nanos + INTERVAL.toNanos() * 3).getFirst();
    sessions.add(old);
    round(sessions);
    round(sessions);
    assertThat(closed).isEmpty();
    round(sessions);
    round(sessions);
    round(sessions);
    assertThat(closed).containsExactly(Map.entry(old, CloseReason.LIFETIME));
  }

  /** The second net: it needs no write to fail, and no report. */
  @Test
  void aSessionWhoseConnectionHasEndedUnnoticedIsHandedOverWithinARound() {
    List<Session> sessions = connect(100, Long.MAX_VALUE / 2);
    round(sessions);
    Session dead = sessions.get(37);
    ((RecordingTransport) dead.transport()).endsUnnoticed();
    int pings = pings(dead);
    round(sessions);
    assertThat(closed).containsExactly(Map.entry(dead, CloseReason.GONE));
    assertThat(pings(dead)).isEqualTo(pings);
  }

  @Test
  void aSessionThatIsBeingClosedIsHandedOverToo() {
    List<Session> sessions = connect(10, Long.MAX_VALUE / 2);
    round(sessions);
    Session dead = sessions.get(3);
    dead.close(CloseReason.DRAIN, Duration.ZERO);
    ((RecordingTransport) dead.transport()).endsUnnoticed();
    round(sessions);
    assertThat(closed).containsExactly(Map.entry(dead, CloseReason.GONE));
  }

  @Test
  void noSessionIsForgottenWhileOthersComeAndGo() {
    List<Session> staying = connect(200, Long.MAX_VALUE / 2);
    List<Session> all = new ArrayList<>(staying);
    round(all);
    for (int round = 0; round < 5; round++) {
      int[] before = staying.stream().mapToInt(HeartbeatTests::pings).toArray();
      for (int i = 0; i < TICKS_A_ROUND; i++) {
        List<Session> passing = connect(5, Long.MAX_VALUE / 2);
        all.addAll(passing);
        tick();
        all.forEach(session -> session.pings().onSignOfLife());
        registry.remove(passing.get(0));
        registry.remove(passing.get(1));
      }
      for (int i = 0; i < before.length; i++) {
        assertThat(pings(staying.get(i)) - before[i]).isEqualTo(1);
      }
    }
    assertThat(closed).isEmpty();
  }

  /** A long pause of the process brings two visits close together: no time to answer in between. */
  @Test
  void lateTicksCloseNoClientThatAnswersInTime() {
    List<Session> sessions = connect(1_000, Long.MAX_VALUE / 2);
    round(sessions);
    nanos += INTERVAL.toNanos() * 2;
    heartbeat.tick(nanos);
    tick();
    tick();
    assertThat(closed).isEmpty();
    sessions.forEach(session -> session.pings().onSignOfLife());
    round(sessions);
    round(sessions);
    assertThat(closed).isEmpty();
  }

  @Test
  void aSessionThatIsVisitedEarlyHasTimeToAnswer() {
    List<Session> sessions = connect(1_000, Long.MAX_VALUE / 2);
    round(sessions);
    Session last = List.copyOf(registry.sessions()).getLast();
    for (int i = 0; i < TICKS_A_ROUND; i++) {
      sessions.forEach(session -> session.pings().onSignOfLife());
      tick();
    }
    assertThat(pings(last)).as("asked just now").isEqualTo(1);
    sessions.stream().filter(s -> s != last).forEach(registry::remove);
    tick();
    tick();
    assertThat(closed).isEmpty();
  }

  private void round(List<Session> answering) {
    for (int i = 0; i < TICKS_A_ROUND; i++) {
      tick();
      answering.forEach(session -> session.pings().onSignOfLife());
    }
  }

  private void tick() {
    nanos += TICK;
    heartbeat.tick(nanos);
  }

  private List<Session> connect(int count, long endOfLife) {
    List<Session> sessions = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      Session session =
          new Session(
              new Channel.OneSession(Ids.random128()),
              new RecordingTransport(),
              new SessionContext(new RecordingSessionListener(), 1_000, () -> nanos),
              Identity.ANONYMOUS,
              Instant.EPOCH,
              endOfLife);
      registry.add(session);
      sessions.add(session);
    }
    return sessions;
  }

  private static int pings(Session session) {
    return ((RecordingTransport) session.transport()).pings();
  }
}

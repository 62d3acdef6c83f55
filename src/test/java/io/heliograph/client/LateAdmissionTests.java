package io.heliograph.client;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.broker.memory.MemoryBrokers;
import io.heliograph.hub.ConnectionLimits;
import io.heliograph.problem.ProblemType;
import io.heliograph.session.Identity;
import io.heliograph.support.HubOfTests;
import io.heliograph.support.ManualClock;
import io.heliograph.web.ClientAddress;
import io.heliograph.web.OriginPolicy;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * The risk: a connection that says nothing stays for ever, takes a place without being counted, or
 * keeps its place when it has gone.
 */
class LateAdmissionTests {

  private static final Identity ALICE = new Identity("alice", Set.of(), null);
  private static final Admission.Refused NO =
      new Admission.Refused(ProblemType.UNAUTHENTICATED, "no", null);

  /** All that the limits of the tests' hub have room for at one address. */
  private static final int ROOM = 100_000;

  private static final class Client implements LateAdmission.Newcomer {
    final List<Object> told = new ArrayList<>();

    @Override
    public void admitted(Identity identity) {
      told.add(identity);
    }

    @Override
    public void refused(Admission.Refused refused) {
      told.add(refused.problem());
    }

    boolean gone;

    @Override
    public boolean hasEnded() {
      return gone;
    }
  }

  private final HubOfTests node = new HubOfTests(MemoryBrokers.noPeers(), new ManualClock());
  private final ConnectionLimits limits = node.parts().limits();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final Deque<Runnable> blocking = new ArrayDeque<>();
  private final List<@Nullable String> asked = new ArrayList<>();
  private Admission.Decision answer = new Admission.Admitted(ALICE);
  private final LateAdmissions admissions =
      new LateAdmissions(
          caller -> {
            asked.add(caller.token());
            return answer;
          },
          limits,
          meters,
          blocking::add,
          node::nanos);
  private final Client client = new Client();

  @AfterEach
  void stop() {
    node.close();
  }

  private LateAdmission open(@Nullable String token) {
    return admissions.open(new Caller(address(), OriginPolicy.Verdict.OWN, token), client);
  }

  private static ClientAddress address() {
    return Objects.requireNonNull(ClientAddress.parse("192.0.2.9"));
  }

  private void passes(int seconds) {
    node.passes(Duration.ofSeconds(seconds));
    admissions.tick();
  }

  private void decides() {
    blocking.remove().run();
  }

  /** How many more find a place at the client's address. */
  private int room() {
    String network = address().network();
    int free =
        (int)
            IntStream.range(0, ROOM + 1)
                .takeWhile(_ -> limits.take(network) == ConnectionLimits.Room.FREE)
                .count();
    IntStream.range(0, free).forEach(_ -> limits.giveBack(network));
    return free;
  }

  private double waiting() {
    return meters.get("heliograph.clients.unidentified").gauge().value();
  }

  @Test
  void aSilentClientIsRefusedAfterTenSeconds() {
    LateAdmission late = open(null);
    passes(9);
    assertThat(client.told).isEmpty();
    passes(1);
    assertThat(client.told).containsExactly(ProblemType.UNAUTHENTICATED);
    assertThat(waiting()).isZero();
    // Too late.
    assertThat(late.identify("token")).isDone();
    assertThat(blocking).isEmpty();
    assertThat(
            meters.get("heliograph.clients.refused").counters().stream()
                .mapToDouble(c -> c.count())
                .sum())
        .isOne();
  }

  @Test
  void aPlaceIsTakenUntilTheSessionTakesItsOwn() {
    LateAdmission late = open(null);
    assertThat(waiting()).isOne();
    assertThat(room()).isEqualTo(ROOM - 1);
    CompletableFuture<Void> done = late.identify("token");
    assertThat(done).isNotDone();
    assertThat(room()).isEqualTo(ROOM - 1);
    decides();
    assertThat(done).isDone();
    assertThat(client.told).containsExactly(ALICE);
    assertThat(room()).isEqualTo(ROOM);
    late.onEnd();
    assertThat(room()).isEqualTo(ROOM);
    assertThat(waiting()).isZero();
  }

  @Test
  void aRefusedClientKeepsItsPlaceUntilItHasGone() {
    answer = NO;
    LateAdmission late = open(null);
    late.identify("token");
    decides();
    assertThat(client.told).containsExactly(ProblemType.UNAUTHENTICATED);
    assertThat(room()).isEqualTo(ROOM - 1);
    late.onEnd();
    late.onEnd();
    assertThat(room()).isEqualTo(ROOM);
  }

  @Test
  void anEndThatIsNotReportedGivesThePlaceBackToo() {
    open(null);
    passes(10);
    assertThat(client.told).containsExactly(ProblemType.UNAUTHENTICATED);
    passes(1);
    assertThat(room()).isEqualTo(ROOM - 1);
    client.gone = true;
    passes(1);
    assertThat(room()).isEqualTo(ROOM);
  }

  @Test
  void theTokenOfTheProtocolCountsBeforeThatOfTheHandshake() {
    open("handshake").identify("protocol");
    open("handshake").identify(null);
    open(null).identify(null);
    decides();
    decides();
    decides();
    assertThat(asked).containsExactly("protocol", "handshake", null);
  }

  @Test
  void admissionIsAskedOnce() {
    LateAdmission late = open(null);
    late.identify("one");
    late.identify("two");
    assertThat(blocking).hasSize(1);
    decides();
    late.identify("three");
    assertThat(blocking).isEmpty();
    assertThat(client.told).hasSize(1);
  }

  @Test
  void aDecisionThatComesTooLateChangesNothing() {
    LateAdmission late = open(null);
    late.identify("token");
    passes(10);
    decides();
    assertThat(client.told).containsExactly(ProblemType.UNAUTHENTICATED);
    late.onEnd();
    assertThat(room()).isEqualTo(ROOM);
  }

  @Test
  void aSessionThatHasEndedGetsNothingAndLeavesNothing() {
    LateAdmission early = open(null);
    early.onEnd();
    LateAdmission deciding = open(null);
    deciding.identify("token");
    deciding.onEnd();
    decides();
    passes(10);
    assertThat(client.told).isEmpty();
    assertThat(waiting()).isZero();
    assertThat(room()).isEqualTo(ROOM);
  }

  @Test
  void aCheckThatFailsRefusesForNow() {
    var broken =
        new LateAdmissions(
            _ -> {
              throw new IllegalStateException("as the test wants it");
            },
            limits,
            new SimpleMeterRegistry(),
            Runnable::run,
            node::nanos);
    LateAdmission late = broken.open(new Caller(address(), OriginPolicy.Verdict.OWN, null), client);
    assertThat(late.identify("token")).isDone();
    assertThat(client.told).containsExactly(ProblemType.UNAVAILABLE);
  }

  @Test
  void aClientWithoutAPlaceIsRefusedAtOnceAndGivesNothingBack() {
    String network = address().network();
    int free = room();
    IntStream.range(0, free).forEach(_ -> limits.take(network));
    LateAdmission late = open(null);
    assertThat(client.told).containsExactly(ProblemType.RATE_LIMITED);
    late.onEnd();
    IntStream.range(0, free).forEach(_ -> limits.giveBack(network));
    assertThat(room()).isEqualTo(ROOM);
  }
}

package io.heliograph.client;

import io.heliograph.hub.ConnectionLimits;
import io.heliograph.hub.Hub;
import io.heliograph.problem.ProblemType;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.stereotype.Component;

/**
 * The connections whose clients say who they are after the connection was opened, in the first
 * frame of their protocol. Until then each has a place in the {@link ConnectionLimits} and is no
 * session. One that says nothing within {@link #DEADLINE} is refused.
 */
@Component
public final class LateAdmissions {

  static final Duration DEADLINE = Duration.ofSeconds(10);

  private final Function<Caller, Admission.Decision> admission;
  private final ConnectionLimits limits;
  private final MeterRegistry meters;
  private final Executor blocking;
  private final LongSupplier nanoTime;

  private final Set<LateAdmission> waiting = ConcurrentHashMap.newKeySet();

  /** Those that were refused and whose connections have not ended. */
  private final Set<LateAdmission> refused = ConcurrentHashMap.newKeySet();

  @Autowired
  LateAdmissions(Admission admission, Hub hub, ConnectionLimits limits, MeterRegistry meters) {
    this(admission::decideOpened, limits, meters, Thread::startVirtualThread, System::nanoTime);
    hub.everyTick("Refusing clients that do not say who they are", this::tick);
  }

  /**
   * @param admission decides about a connection that is open and has a place
   * @param blocking runs the check of a token, which may block
   * @param nanoTime monotonic nanoseconds
   */
  LateAdmissions(
      Function<Caller, Admission.Decision> admission,
      ConnectionLimits limits,
      MeterRegistry meters,
      Executor blocking,
      LongSupplier nanoTime) {
    this.admission = admission;
    this.limits = limits;
    this.meters = meters;
    this.blocking = blocking;
    this.nanoTime = nanoTime;
    Gauge.builder("heliograph.clients.unidentified", waiting, Set::size)
        .description("Open connections whose clients have not said who they are")
        .register(meters);
    // Registered at start, so that a node without refusals shows 0.
    counter(ProblemType.UNAUTHENTICATED);
  }

  /**
   * A connection was opened that {@link Admission#mayOpen} allowed.
   *
   * @param caller with the token that the handshake showed, if any
   * @param newcomer is called once, maybe before this returns
   */
  public LateAdmission open(Caller caller, LateAdmission.Newcomer newcomer) {
    var late = new LateAdmission(this, caller, newcomer, nanoTime.getAsLong());
    if (limits.take(caller.address().network()) == ConnectionLimits.Room.FREE) {
      waiting.add(late);
    } else {
      late.refuseWithoutPlace();
    }
    return late;
  }

  /** Called a few times a second by one thread. */
  void tick() {
    long now = nanoTime.getAsLong();
    refused.forEach(LateAdmissions::endIfGone);
    for (LateAdmission late : waiting) {
      if (now - late.openedNanos() >= DEADLINE.toNanos()) {
        late.refuse(
            new Admission.Refused(
                ProblemType.UNAUTHENTICATED,
                "The client has not said who it is within "
                    + DEADLINE.toSeconds()
                    + " s after it connected.",
                null));
      }
    }
  }

  /** Without this, an end that was not reported would keep its place for ever. */
  private static void endIfGone(LateAdmission late) {
    if (late.hasEnded()) {
      late.onEnd();
    }
  }

  Admission.Decision decide(Caller caller) {
    return admission.apply(caller);
  }

  Executor blocking() {
    return blocking;
  }

  /** It is known who it is, or that it is refused. */
  void decided(LateAdmission late) {
    waiting.remove(late);
  }

  /** Its connection has ended. */
  void ended(LateAdmission late) {
    refused.remove(late);
  }

  void giveBack(Caller caller) {
    limits.giveBack(caller.address().network());
  }

  /** Before its newcomer knows. */
  void refused(LateAdmission late, ProblemType problem) {
    refused.add(late);
    counter(problem).increment();
  }

  private Counter counter(ProblemType problem) {
    return Counter.builder("heliograph.clients.refused")
        .description("Clients that were refused after their connection was opened")
        .tag("reason", problem.slug().replace('-', '_'))
        .register(meters);
  }
}

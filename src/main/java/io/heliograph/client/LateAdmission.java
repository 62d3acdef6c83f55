package io.heliograph.client;

import io.heliograph.concurrent.Background;
import io.heliograph.problem.ProblemType;
import io.heliograph.session.Identity;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The admission of one client that says who it is after its connection was opened. Asks {@link
 * Admission} once. Safe for many threads; the newcomer is called without a lock.
 */
public final class LateAdmission {

  private static final Logger log = LoggerFactory.getLogger(LateAdmission.class);

  /** The protocol's side of a connection that waits for its admission. One call, on any thread. */
  public interface Newcomer {

    /** Its place in the limits is free again: to be followed by the begin of the conversation. */
    void admitted(Identity identity);

    /** The client has to get the refusal, and its connection has to be closed. */
    void refused(Admission.Refused refused);

    /** Whether its connection has ended, as far as can be seen without writing to it. */
    boolean hasEnded();
  }

  private enum State {
    WAITING,
    DECIDING,
    DECIDED
  }

  private final LateAdmissions all;
  private final Caller caller;
  private final Newcomer newcomer;
  private final long openedNanos;

  // Guarded by this.
  private State state = State.WAITING;
  private boolean placed = true;

  LateAdmission(LateAdmissions all, Caller caller, Newcomer newcomer, long openedNanos) {
    this.all = all;
    this.caller = caller;
    this.newcomer = newcomer;
    this.openedNanos = openedNanos;
  }

  long openedNanos() {
    return openedNanos;
  }

  /** Whether its connection has ended, be it reported or not. */
  boolean hasEnded() {
    return newcomer.hasEnded();
  }

  /**
   * The client says who it is. Later calls change nothing.
   *
   * @param token null: what the handshake showed counts
   * @return done when the newcomer was called; it never fails
   */
  public CompletableFuture<Void> identify(@Nullable String token) {
    synchronized (this) {
      if (state != State.WAITING) {
        return CompletableFuture.completedFuture(null);
      }
      state = State.DECIDING;
    }
    Caller who = token == null ? caller : new Caller(caller.address(), caller.origin(), token);
    return Background.attempt(
            () -> CompletableFuture.supplyAsync(() -> all.decide(who), all.blocking()))
        .thenAccept(this::decided)
        .exceptionally(
            failure -> {
              log.error("Admitting a client failed", failure);
              refuse(
                  new Admission.Refused(
                      ProblemType.UNAVAILABLE, "The client cannot be admitted now.", null));
              return null;
            });
  }

  private void decided(Admission.Decision decision) {
    switch (decision) {
      case Admission.Admitted(Identity identity) -> {
        if (decide()) {
          giveBackPlace();
          newcomer.admitted(identity);
        }
      }
      case Admission.Refused refused -> refuse(refused);
    }
  }

  /** Its place is kept until its connection has ended. */
  void refuse(Admission.Refused refused) {
    if (decide()) {
      all.refused(this, refused.problem());
      newcomer.refused(refused);
    }
  }

  void refuseWithoutPlace() {
    synchronized (this) {
      placed = false;
    }
    refuse(
        new Admission.Refused(
            ProblemType.RATE_LIMITED, "This node or address has too many connections.", null));
  }

  /** The connection has ended. */
  public void onEnd() {
    var _ = decide();
    all.ended(this);
    giveBackPlace();
  }

  /** False when it was decided before. */
  private boolean decide() {
    synchronized (this) {
      if (state == State.DECIDED) {
        return false;
      }
      state = State.DECIDED;
    }
    all.decided(this);
    return true;
  }

  private void giveBackPlace() {
    synchronized (this) {
      if (!placed) {
        return;
      }
      placed = false;
    }
    all.giveBack(caller);
  }
}

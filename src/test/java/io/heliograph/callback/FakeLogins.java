package io.heliograph.callback;

import io.heliograph.problem.ProblemType;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Logins that remember what they were told, and answer as they are set up to. */
public final class FakeLogins implements LoginCallbacks {

  public final List<String> told = new CopyOnWriteArrayList<>();
  private final Map<String, Outcome> outcomesByTicket = new ConcurrentHashMap<>();
  private volatile Runnable before = () -> {};

  public void answer(String ticket, Outcome outcome) {
    outcomesByTicket.put(ticket, outcome);
  }

  /** Runs before each answer; it may throw or wait. */
  public void before(Runnable action) {
    before = action;
  }

  public void reset() {
    told.clear();
    outcomesByTicket.clear();
    before = () -> {};
  }

  @Override
  public Outcome scanned(Event event) {
    return tell("scanned", event);
  }

  @Override
  public Outcome confirmed(Event event) {
    return tell("confirmed", event);
  }

  @Override
  public Outcome denied(Event event) {
    return tell("denied", event);
  }

  private Outcome tell(String what, Event event) {
    before.run();
    @Nullable Outcome outcome = outcomesByTicket.get(event.ticket());
    if (outcome == null) {
      return new Outcome.Refused(ProblemType.TICKET_NOT_FOUND, null);
    }
    if (outcome instanceof Outcome.Done) {
      told.add(what + ' ' + event.ticket() + ' ' + event.subject() + ' ' + event.provider());
    }
    return outcome;
  }
}

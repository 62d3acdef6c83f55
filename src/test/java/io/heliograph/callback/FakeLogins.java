package io.heliograph.callback;

import io.heliograph.login.LoginOutcome;
import io.heliograph.login.PhoneLogins;
import io.heliograph.login.Refusal;
import io.heliograph.login.TicketState;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** Records the reports that are applied to logins, and returns configured outcomes. */
@SuppressWarnings("NullAway") // the overridden methods do not use the null dependencies
public final class FakeLogins extends PhoneLogins {

  /** The outcome of a first scan, with a token for the confirm page. */
  public static final LoginOutcome SCANNED =
      new LoginOutcome.Done(TicketState.SCANNED, false, "token");

  /** The outcome of a confirmation. */
  public static final LoginOutcome DONE = new LoginOutcome.Done(TicketState.CONFIRMED, false, null);

  public final List<String> applied = new CopyOnWriteArrayList<>();
  private final Map<String, LoginOutcome> outcomesByTicket = new ConcurrentHashMap<>();
  private final Map<String, String> cookiesByTicket = new ConcurrentHashMap<>();
  private volatile Runnable before = () -> {};

  public FakeLogins() {
    super(null, null, null, null, null);
  }

  public void answer(String ticket, LoginOutcome outcome) {
    outcomesByTicket.put(ticket, outcome);
  }

  /** The ticket was issued to the browser with this cookie. */
  public void waitsIn(String ticket, String cookie) {
    cookiesByTicket.put(ticket, cookie);
  }

  /** Sets an action that runs before each outcome; it may throw or block. */
  public void before(Runnable action) {
    before = action;
  }

  public void reset() {
    applied.clear();
    outcomesByTicket.clear();
    before = () -> {};
  }

  @Override
  public boolean waitsIn(String ticket, String cookie, String provider) {
    return cookie.equals(cookiesByTicket.get(ticket));
  }

  @Override
  public LoginOutcome scanned(
      String ticket,
      String subject,
      @Nullable String unionId,
      String provider,
      @Nullable String reference) {
    return apply("scanned", ticket, subject, provider);
  }

  @Override
  public LoginOutcome confirmed(
      String ticket,
      String subject,
      @Nullable String unionId,
      String provider,
      @Nullable Integer matchCode) {
    return apply("confirmed", ticket, subject, provider);
  }

  @Override
  public LoginOutcome denied(String ticket, @Nullable String subject, String provider) {
    return apply("denied", ticket, subject, provider);
  }

  private LoginOutcome apply(
      String what, String ticket, @Nullable String subject, String provider) {
    before.run();
    @Nullable LoginOutcome outcome = outcomesByTicket.get(ticket);
    if (outcome == null) {
      return new LoginOutcome.Refused(Refusal.UNKNOWN, null, 0);
    }
    if (outcome instanceof LoginOutcome.Done) {
      applied.add(what + ' ' + ticket + ' ' + subject + ' ' + provider);
    }
    return outcome;
  }
}

package io.heliograph.login;

import io.heliograph.concurrent.Background;
import io.heliograph.login.LoginNotice.LoggedIn;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.Objects;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Notifies users of their logins through the provider, where it has a {@link LoginNotice}. */
final class UserNotifications {

  private static final Logger log = LoggerFactory.getLogger(UserNotifications.class);

  /**
   * The maximum number of notices being sent at a time, so that those of a slow provider do not
   * accumulate.
   */
  static final int MAX_CONCURRENT = 64;

  private final Iterable<LoginNotice> notices;
  private final NotMeLinks notMe;
  private final Executor executor;
  private final Counter sent;
  private final Counter failed;
  private final Counter dropped;
  private final Semaphore room = new Semaphore(MAX_CONCURRENT);

  /**
   * @param executor runs the notices, which may block
   */
  UserNotifications(
      Iterable<LoginNotice> notices, NotMeLinks notMe, Executor executor, MeterRegistry meters) {
    this.notices = notices;
    this.notMe = notMe;
    this.executor = executor;
    this.sent = counter(meters, "sent");
    this.failed = counter(meters, "failed");
    this.dropped = counter(meters, "dropped");
  }

  /** Sends the notice in the background. Never throws and never blocks. */
  void collected(Ticket ticket) {
    for (LoginNotice notice : notices) {
      if (notice.provider().equals(ticket.terms().provider())) {
        if (room.tryAcquire()) {
          boolean taken = false;
          try {
            executor.execute(
                Background.guarded("Sending a login notice", () -> send(notice, ticket)));
            taken = true;
          } catch (RejectedExecutionException e) {
            dropped.increment();
          } finally {
            if (!taken) {
              room.release();
            }
          }
        } else {
          dropped.increment();
        }
      }
    }
  }

  private void send(LoginNotice notice, Ticket ticket) {
    try {
      String subject =
          Objects.requireNonNull(ticket.claim(), "a collected ticket has a claim").subject();
      notice.send(
          new LoggedIn(
              subject,
              ticket.terms().site(),
              ticket.terms().label(),
              ticket.changedAt(),
              notMe.link(ticket.id(), subject)));
      sent.increment();
    } catch (RuntimeException e) {
      failed.increment();
      log.info("{}: the notice to its user could not be sent: {}", ticket, e.getMessage());
    } finally {
      room.release();
    }
  }

  private static Counter counter(MeterRegistry meters, String outcome) {
    return Counter.builder("heliograph.logins.notices")
        .description("Login notices sent to users through the provider")
        .tag("outcome", outcome)
        .register(meters);
  }
}

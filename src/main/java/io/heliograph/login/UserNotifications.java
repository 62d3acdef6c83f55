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

/** Notifies users of their logins through the provider, where it has a way to. */
final class UserNotifications {

  private static final Logger log = LoggerFactory.getLogger(UserNotifications.class);

  /** At a time. A provider that is slow must not pile them up. */
  static final int MOST = 64;

  private final Iterable<LoginNotice> ways;
  private final NotMeLinks notMe;
  private final Executor apart;
  private final Counter sent;
  private final Counter failed;
  private final Counter dropped;
  private final Semaphore room = new Semaphore(MOST);

  /**
   * @param apart whose threads may block
   */
  UserNotifications(
      Iterable<LoginNotice> ways, NotMeLinks notMe, Executor apart, MeterRegistry meters) {
    this.ways = ways;
    this.notMe = notMe;
    this.apart = apart;
    this.sent = counter(meters, "sent");
    this.failed = counter(meters, "failed");
    this.dropped = counter(meters, "dropped");
  }

  /** Never fails, and never waits. */
  void collected(Ticket ticket) {
    for (LoginNotice way : ways) {
      if (way.provider().equals(ticket.terms().provider())) {
        if (room.tryAcquire()) {
          boolean taken = false;
          try {
            apart.execute(Background.guarded("Telling a user", () -> tell(way, ticket)));
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

  private void tell(LoginNotice way, Ticket ticket) {
    try {
      String subject = Objects.requireNonNull(ticket.claim(), "only who scanned logs in").subject();
      way.tell(
          new LoggedIn(
              subject,
              ticket.terms().site(),
              ticket.terms().label(),
              ticket.changedAt(),
              notMe.link(ticket.id(), subject)));
      sent.increment();
    } catch (RuntimeException e) {
      failed.increment();
      log.info("{}: its user could not be told: {}", ticket, e.getMessage());
    } finally {
      room.release();
    }
  }

  private static Counter counter(MeterRegistry meters, String outcome) {
    return Counter.builder("heliograph.logins.notices")
        .description("Users who were told of a login by its provider")
        .tag("outcome", outcome)
        .register(meters);
  }
}

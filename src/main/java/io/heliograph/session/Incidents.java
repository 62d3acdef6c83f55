package io.heliograph.session;

import io.heliograph.message.Message;
import org.jspecify.annotations.Nullable;

/**
 * What went wrong while frames were queued under the session's lock, kept until the lock is
 * released and it can be reported. Immutable, so that the usual case costs no object.
 *
 * @param overflow messages were dropped from the queue
 * @param unsendable the newest message that the codec refused, which leads to the ones before
 * @param fault what was thrown; the session ends with it
 */
record Incidents(boolean overflow, @Nullable Unsendable unsendable, @Nullable Throwable fault) {

  static final Incidents NONE = new Incidents(false, null, null);

  record Unsendable(Message message, Throwable refusal, @Nullable Unsendable earlier) {}

  Incidents withOverflow() {
    return overflow ? this : new Incidents(true, unsendable, fault);
  }

  Incidents withUnsendable(Message message, Throwable refusal) {
    return new Incidents(overflow, new Unsendable(message, refusal, unsendable), fault);
  }

  Incidents withFault(Throwable thrown) {
    return new Incidents(overflow, unsendable, thrown);
  }

  /**
   * Not under the lock.
   *
   * @param work what the session was doing, for the log
   */
  void report(Session session, String work) {
    SessionWriter writer = session.writer();
    if (overflow) {
      writer.report(listener -> listener.onOverflow(session));
    }
    for (Unsendable each = unsendable; each != null; each = each.earlier()) {
      Unsendable one = each;
      writer.report(listener -> listener.onUnsendable(session, one.message(), one.refusal()));
    }
    if (fault != null) {
      writer.fail(work, fault);
    }
  }
}

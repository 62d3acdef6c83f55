package io.heliograph.hub;

import io.heliograph.message.Published;
import org.jspecify.annotations.Nullable;

/**
 * What became of a published message while its publisher waited.
 *
 * @param delivered sessions whose connection took the message during the wait
 * @param acked sessions that acknowledged it during the wait
 * @param nodes how many of the nodes with subscribers reported; null when the publisher did not
 *     wait
 */
public record PublishResult(
    Published published, Outcome outcome, int delivered, int acked, @Nullable NodeCoverage nodes) {

  public enum Outcome {
    /**
     * The message is in the log. Either the publisher did not wait, or a node that may have
     * delivered it did not report.
     */
    ACCEPTED,
    /** No session received it in time. It stays in the log for sessions that connect later. */
    QUEUED,
    /** At least one session's connection took it. */
    DELIVERED,
    /** At least one client acknowledged it. */
    ACKED
  }

  static PublishResult accepted(Published published) {
    return new PublishResult(published, Outcome.ACCEPTED, 0, 0, null);
  }
}

package io.heliograph.web;

import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import java.io.IOException;

/**
 * A body exceeded its limit while it was read. The reading code gets an I/O failure, the caller a
 * 413.
 */
class BodyTooLargeException extends IOException {

  private final long limit;

  BodyTooLargeException(long limit) {
    super("the body is larger than " + limit + " bytes");
    this.limit = limit;
  }

  ProblemException problem() {
    return new ProblemException(
        ProblemType.PAYLOAD_TOO_LARGE, "This call accepts a body of at most " + limit + " bytes.");
  }
}

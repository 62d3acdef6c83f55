package io.heliograph.login;

import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** The store could not be reached in time. A retry is safe. */
public class TicketStoreUnavailableException extends ProblemException {

  private static final Duration RETRY = Duration.ofSeconds(1);

  public TicketStoreUnavailableException(@Nullable Throwable cause) {
    super(
        ProblemType.STORE_UNAVAILABLE,
        "The store does not answer and nothing was changed; send the request again.",
        cause);
    retryAfter(RETRY);
  }
}

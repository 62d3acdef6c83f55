package io.heliograph.webhook;

import io.heliograph.webhook.WebhookResult.Failure;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeoutException;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** Maps the exception of a request without a complete answer to its cause. */
final class WebhookFailures {

  private WebhookFailures() {}

  static Failure of(@Nullable Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      switch (cause) {
        case AddressGuard.InternalAddressException _ -> {
          return Failure.INTERNAL_ADDRESS;
        }
        case WebhookClient.AnswerTooLargeException _ -> {
          return Failure.TOO_LARGE;
        }
        case UnknownHostException _,
            ConnectException _,
            NoRouteToHostException _,
            SocketTimeoutException _,
            SSLException _,
            RejectedExecutionException _ -> {
          return Failure.UNREACHABLE;
        }
        case TimeoutException _ -> {
          return Failure.TIMEOUT;
        }
        default -> {}
      }
    }
    return Failure.BROKEN;
  }
}

package io.heliograph.web;

import java.io.IOException;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandler;
import java.net.http.HttpTimeoutException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * Sends a request to another server with one deadline for the whole exchange. The timeout of {@link
 * HttpRequest} covers only the time until the answer's head, so a server that stalls later would
 * block its caller forever.
 */
public final class OutboundCall {

  private OutboundCall() {}

  /**
   * Blocks until the answer is complete.
   *
   * @param deadline in terms of {@link System#nanoTime}
   * @throws HttpTimeoutException when the answer is not complete by the deadline; the connection is
   *     closed
   */
  public static <T> HttpResponse<T> send(
      HttpClient http, HttpRequest request, BodyHandler<T> body, long deadline)
      throws IOException, InterruptedException {
    CompletableFuture<HttpResponse<T>> sent = http.sendAsync(request, body);
    try {
      return sent.get(Math.max(0, deadline - System.nanoTime()), TimeUnit.NANOSECONDS);
    } catch (TimeoutException e) {
      throw new HttpTimeoutException("the answer was not complete by the deadline");
    } catch (ExecutionException e) {
      throw e.getCause() instanceof IOException io ? io : new IOException(e.getCause());
    } finally {
      sent.cancel(true);
    }
  }
}

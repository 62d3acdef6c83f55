package io.heliograph.webhook;

import java.nio.ByteBuffer;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.eclipse.jetty.client.AsyncRequestContent;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * A request whose body is written in pieces (chunked), with a {@code Content-Digest} (RFC 9530) as
 * trailer. No method blocks.
 */
public final class WebhookUpload {

  private final Request request;
  private final AsyncRequestContent content;
  private final Executor executor;
  private final int maxAnswer;

  WebhookUpload(
      Request request,
      AsyncRequestContent content,
      Executor executor,
      int maxAnswer,
      Supplier<String> digest) {
    this.request =
        request
            .headers(fields -> fields.put(HttpHeader.TRAILER, "Content-Digest"))
            .trailersSupplier(() -> HttpFields.build().put("Content-Digest", digest.get()))
            .body(content);
    this.content = content;
    this.executor = executor;
    this.maxAnswer = maxAnswer;
  }

  /**
   * Begins the request.
   *
   * @return as {@link WebhookClient#post}; complete as soon as there is an answer, even before the
   *     last byte was written
   */
  public CompletableFuture<WebhookResult> begin() {
    return WebhookClient.send(request, maxAnswer);
  }

  /**
   * Writes bytes on another thread than the caller's. Call it again only after {@code taken} was
   * called.
   *
   * @param bytes must not be changed until then
   * @param taken gets null when the connection accepted the bytes, or the failure
   */
  public void write(ByteBuffer bytes, Consumer<@Nullable Throwable> taken) {
    executor.execute(() -> content.write(bytes, Callback.from(() -> taken.accept(null), taken)));
  }

  /**
   * Ends the request without its last chunk, so that the receiver sees that the body is incomplete.
   */
  public void abort() {
    request.abort(new CancellationException("the upload was aborted"));
  }

  /** Ends the body regularly: with its last chunk and the trailer. */
  public void finish() {
    content.close();
  }
}

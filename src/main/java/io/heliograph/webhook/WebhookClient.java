package io.heliograph.webhook;

import java.io.ByteArrayOutputStream;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.eclipse.jetty.client.AsyncRequestContent;
import org.eclipse.jetty.client.BytesRequestContent;
import org.eclipse.jetty.client.DuplexConnectionPool;
import org.eclipse.jetty.client.HttpClient;
import org.eclipse.jetty.client.RedirectProtocolHandler;
import org.eclipse.jetty.client.Request;
import org.eclipse.jetty.client.WWWAuthenticationProtocolHandler;
import org.eclipse.jetty.client.transport.HttpClientTransportOverHTTP;
import org.eclipse.jetty.http.HttpCookieStore;
import org.eclipse.jetty.http.HttpField;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.io.ClientConnector;
import org.eclipse.jetty.util.ssl.SslContextFactory;
import org.eclipse.jetty.util.thread.QueuedThreadPool;

/**
 * Sends requests to configured endpoints without blocking. Each request has one deadline for all
 * its steps, and the size of answers is bounded. Redirects are not followed, cookies not stored,
 * proxies not used and compressed answers not decompressed. {@link AddressGuard} checks each
 * connection.
 */
public final class WebhookClient implements AutoCloseable {

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);

  /** How long a connection is used, so that a changed DNS record takes effect after this time. */
  private static final Duration CONNECTION_LIFE = Duration.ofSeconds(60);

  /** Few suffice: they only copy bytes. */
  private static final int MAX_THREADS = 8;

  private static final int MAX_HEADER_BYTES = 16 * 1024;

  private final HttpClient http;

  /**
   * @param allowInternal host names that may resolve to addresses that are not public
   * @param maxConnections the most concurrent requests to one host; others fail as unreachable
   */
  public WebhookClient(Set<String> allowInternal, int maxConnections) {
    this(
        new AddressGuard(InetAddress::getAllByName, allowInternal),
        new ClientConnector(),
        maxConnections);
  }

  WebhookClient(AddressGuard guard, ClientConnector connector, int maxConnections) {
    QueuedThreadPool threads = new QueuedThreadPool(MAX_THREADS, 1);
    threads.setName("heliograph-webhook");
    threads.setDaemon(true);
    connector.setSelectors(1);
    connector.setExecutor(threads);
    connector.setConnectTimeout(CONNECT_TIMEOUT);
    connector.setSslContextFactory(new SslContextFactory.Client());
    HttpClientTransportOverHTTP transport = new HttpClientTransportOverHTTP(connector);
    transport.setConnectionPoolFactory(
        destination -> {
          DuplexConnectionPool pool = new DuplexConnectionPool(destination, maxConnections);
          pool.setMaxDuration(CONNECTION_LIFE.toMillis());
          return pool;
        });
    http = new HttpClient(transport);
    http.setExecutor(threads);
    http.setConnectTimeout(CONNECT_TIMEOUT.toMillis());
    http.setAddressResolutionTimeout(CONNECT_TIMEOUT.toMillis());
    http.setIdleTimeout(CONNECTION_LIFE.toMillis());
    http.setSocketAddressResolver(guard);
    http.setMaxConnectionsPerDestination(maxConnections);
    http.setMaxRequestsQueuedPerDestination(maxConnections);
    http.setMaxResponseHeadersSize(MAX_HEADER_BYTES);
    http.setFollowRedirects(false);
    http.setHttpCookieStore(new HttpCookieStore.Empty());
    http.setUserAgentField(new HttpField(HttpHeader.USER_AGENT, "Heliograph"));
    try {
      http.start();
    } catch (Exception e) {
      throw new IllegalStateException("The HTTP client for webhooks cannot be started", e);
    }
    http.getProtocolHandlers().remove(RedirectProtocolHandler.NAME);
    http.getProtocolHandlers().remove(WWWAuthenticationProtocolHandler.NAME);
    http.getContentDecoderFactories().clear();
  }

  /**
   * Posts JSON.
   *
   * @param timeout for all steps, from the DNS lookup to the last byte of the answer
   * @param maxAnswer the most bytes of an answer's body
   * @return never fails; to cancel it ends the request
   */
  public CompletableFuture<WebhookResult> post(
      WebhookUrl url, Map<String, String> headers, byte[] json, Duration timeout, int maxAnswer) {
    Request request =
        request(url, headers)
            .body(new BytesRequestContent("application/json", json))
            .timeout(Math.max(1, timeout.toMillis()), TimeUnit.MILLISECONDS);
    return send(request, maxAnswer);
  }

  /**
   * Creates a request whose body is written in pieces.
   *
   * @param idleTimeout the longest time without a byte read or written
   * @param maxAnswer the most bytes of an answer's body
   * @param digest of all bytes, a value of Content-Digest; called after the last byte
   */
  public WebhookUpload upload(
      WebhookUrl url,
      Map<String, String> headers,
      Duration idleTimeout,
      int maxAnswer,
      Supplier<String> digest) {
    return new WebhookUpload(
        request(url, headers)
            .idleTimeout(Math.max(1, idleTimeout.toMillis()), TimeUnit.MILLISECONDS),
        new AsyncRequestContent("application/octet-stream"),
        http.getExecutor(),
        maxAnswer,
        digest);
  }

  private Request request(WebhookUrl url, Map<String, String> headers) {
    return http.newRequest(url.uri())
        .method(HttpMethod.POST)
        .headers(
            fields -> {
              fields.put(HttpHeader.ACCEPT, "application/json, application/problem+json");
              headers.forEach(fields::put);
            });
  }

  static CompletableFuture<WebhookResult> send(Request request, int maxAnswer) {
    CompletableFuture<WebhookResult> result = new CompletableFuture<>();
    BoundedBody body = new BoundedBody(maxAnswer);
    request.onResponseHeaders(
        response -> {
          if (response.getHeaders().getLongField(HttpHeader.CONTENT_LENGTH) > maxAnswer) {
            request.abort(new AnswerTooLargeException());
          }
        });
    request.onResponseContent(
        (_, content) -> {
          if (!body.add(content)) {
            request.abort(new AnswerTooLargeException());
          }
        });
    // Not on completion of the exchange: an answer may arrive before the request's last byte is
    // sent.
    request.onResponseSuccess(
        response ->
            result.complete(
                new WebhookResult.Answer(
                    response.getStatus(),
                    response.getHeaders().get(HttpHeader.CONTENT_TYPE),
                    body.bytes())));
    request.send(
        done -> {
          if (done.isFailed()) {
            result.complete(WebhookFailures.of(done.getFailure()));
          }
        });
    // The result is complete before its request only when the caller cancels it.
    var _ =
        result.whenComplete(
            (_, failure) -> {
              if (failure instanceof CancellationException) {
                request.abort(failure);
              }
            });
    return result;
  }

  /** Ends the requests in progress. */
  @Override
  public void close() {
    try {
      http.stop();
    } catch (Exception e) {
      throw new IllegalStateException("The HTTP client for webhooks cannot be stopped", e);
    }
  }

  static final class AnswerTooLargeException extends Exception {
    AnswerTooLargeException() {
      super("the answer has too many bytes", null, false, false);
    }
  }

  /** Used by one thread at a time. */
  private static final class BoundedBody {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream(256);
    private final int most;

    BoundedBody(int most) {
      this.most = most;
    }

    boolean add(ByteBuffer content) {
      if (bytes.size() + content.remaining() > most) {
        return false;
      }
      byte[] part = new byte[content.remaining()];
      content.get(part);
      bytes.writeBytes(part);
      return true;
    }

    byte[] bytes() {
      return bytes.toByteArray();
    }
  }
}

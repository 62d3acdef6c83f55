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
 * Sends requests to configured endpoints. Nothing here blocks; each request has one deadline for
 * all of it, answers are bounded, and neither redirects nor cookies, proxies or compressed answers
 * are followed, kept, used or unpacked. Each connection passes {@link AddressGuard}.
 */
public final class WebhookClient implements AutoCloseable {

  private static final Duration CONNECT_TIMEOUT = Duration.ofSeconds(3);

  /** A name that changed is looked at again after this time, also on a connection in use. */
  private static final Duration CONNECTION_LIFE = Duration.ofSeconds(60);

  /** They only pass bytes on. */
  private static final int MOST_THREADS = 8;

  private static final int MOST_HEADER_BYTES = 16 * 1024;

  private final HttpClient http;

  /**
   * @param allowInternal host names that may resolve to addresses that are not public
   * @param maxConnections the most requests under way to one host; more fail as unreachable
   */
  public WebhookClient(Set<String> allowInternal, int maxConnections) {
    this(
        new AddressGuard(InetAddress::getAllByName, allowInternal),
        new ClientConnector(),
        maxConnections);
  }

  WebhookClient(AddressGuard guard, ClientConnector connector, int maxConnections) {
    QueuedThreadPool threads = new QueuedThreadPool(MOST_THREADS, 1);
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
    http.setMaxResponseHeadersSize(MOST_HEADER_BYTES);
    http.setFollowRedirects(false);
    http.setHttpCookieStore(new HttpCookieStore.Empty());
    http.setUserAgentField(new HttpField(HttpHeader.USER_AGENT, "Heliograph"));
    try {
      http.start();
    } catch (Exception e) {
      throw new IllegalStateException("The client for webhooks does not start", e);
    }
    http.getProtocolHandlers().remove(RedirectProtocolHandler.NAME);
    http.getProtocolHandlers().remove(WWWAuthenticationProtocolHandler.NAME);
    http.getContentDecoderFactories().clear();
  }

  /**
   * Posts JSON.
   *
   * @param timeout for all of it, from the look at the name to the last byte of the answer
   * @param maxAnswer the most bytes of an answer's body
   * @return never fails; cancelling it ends the request
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
   * Makes a request whose body is written piece by piece.
   *
   * @param idleTimeout for which nothing may move on its connection
   * @param maxAnswer the most bytes of an answer's body
   * @param digest of all bytes, asked after the last one: a value of Content-Digest
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
    // Not when all is done: an answer may come before the request's last byte.
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
    // Only a cancelled one ends before its request.
    var _ =
        result.whenComplete(
            (_, failure) -> {
              if (failure instanceof CancellationException) {
                request.abort(failure);
              }
            });
    return result;
  }

  /** Ends what is under way. */
  @Override
  public void close() {
    try {
      http.stop();
    } catch (Exception e) {
      throw new IllegalStateException("The client for webhooks does not stop", e);
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

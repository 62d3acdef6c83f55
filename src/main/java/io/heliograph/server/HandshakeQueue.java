package io.heliograph.server;

import io.github.bucket4j.Bucket;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpMethod;
import org.eclipse.jetty.http.HttpStatus;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Limits how many WebSocket handshakes run at once. When a node fails, its clients reconnect to the
 * others within seconds, and unthrottled handshakes would starve established sessions. One
 * handshake per core runs at a time, up to {@code heliograph.websocket.handshakes-waiting} queue,
 * and the rest get 503 with Retry-After before any other work. Other requests bypass the queue.
 *
 * <p>Threads: the queue runs on platform threads, because virtual threads are not preempted; see
 * {@link ReadExecutor}.
 */
public final class HandshakeQueue extends Handler.Wrapper {

  private static final Logger log = LoggerFactory.getLogger(HandshakeQueue.class);

  /**
   * How long a handshake occupies its slot. A longer one waits for another system (the keys of a
   * token issuer, Redis), and the next one may run.
   */
  private static final Duration MAX_SLOT_TIME = Duration.ofMillis(5);

  private static final int MAX_RETRY_SECONDS = 5;
  private static final Duration BETWEEN_WARNINGS = Duration.ofSeconds(10);

  private final HandshakeResponses handshakes;
  private final int maxWaiting;
  private final Duration maxSlotTime;
  private final Consumer<Request> answered;
  private final AtomicInteger waiting = new AtomicInteger();
  private final ExecutorService executor =
      PlatformThreads.oneForEachCore(
          "heliograph-handshakes-", new ThreadPoolExecutor.AbortPolicy());

  /**
   * Limits the log line about shed handshakes, of which there can be thousands; the metric counts
   * them all.
   */
  private final Bucket warnings =
      Bucket.builder()
          .addLimit(limit -> limit.capacity(1).refillGreedy(1, BETWEEN_WARNINGS))
          .build();

  HandshakeQueue(
      HandshakeResponses handshakes,
      int maxWaiting,
      MeterRegistry meters,
      Consumer<Request> answered) {
    this(handshakes, maxWaiting, meters, answered, MAX_SLOT_TIME);
  }

  /**
   * @param answered called with each request that needs no more processing time for now
   * @param maxSlotTime how long a handshake occupies its slot at most
   */
  HandshakeQueue(
      HandshakeResponses handshakes,
      int maxWaiting,
      MeterRegistry meters,
      Consumer<Request> answered,
      Duration maxSlotTime) {
    this.answered = answered;
    this.handshakes = handshakes;
    this.maxWaiting = maxWaiting;
    this.maxSlotTime = maxSlotTime;
    Gauge.builder("heliograph.handshakes.waiting", waiting, AtomicInteger::get)
        .description("Handshakes in the queue")
        .register(meters);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    if (!isHandshake(request)) {
      try {
        return super.handle(request, response, callback);
      } finally {
        answered.accept(request);
      }
    }
    if (waiting.incrementAndGet() > maxWaiting) {
      waiting.decrementAndGet();
      shed(response, callback);
      answered.accept(request);
      return true;
    }
    executor.execute(() -> runInSlot(request, response, callback));
    return true;
  }

  /**
   * Matches only WebSocket handshakes, since Java's HTTP client sends an h2c upgrade with each
   * request, and none with a body, which would occupy a slot while it arrives and is refused
   * anyway.
   */
  private static boolean isHandshake(Request request) {
    HttpFields headers = request.getHeaders();
    return HttpMethod.GET.is(request.getMethod())
        && headers.contains(HttpHeader.UPGRADE, "websocket")
        && headers.contains("Sec-WebSocket-Key")
        && request.getLength() <= 0
        && !headers.contains(HttpHeader.TRANSFER_ENCODING);
  }

  private void runInSlot(Request request, Response response, Callback callback) {
    waiting.decrementAndGet();
    try {
      Thread.ofVirtual()
          .name("heliograph-handshake")
          .start(() -> runHandshake(request, response, callback))
          .join(maxSlotTime);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      answered.accept(request);
    }
  }

  /** Calls the remaining handlers in the way that Jetty does. */
  private void runHandshake(Request request, Response response, Callback callback) {
    try {
      if (!super.handle(request, response, callback)) {
        Response.writeError(request, response, callback, HttpStatus.NOT_FOUND_404);
      }
    } catch (Exception | Error e) {
      Response.writeError(request, response, callback, e);
    }
  }

  private void shed(Response response, Callback callback) {
    if (warnings.tryConsume(1)) {
      log.warn("Shedding handshakes with 503: the queue is full ({} waiting)", maxWaiting);
    }
    // Randomized, so that the refused clients do not reconnect at the same time.
    int seconds = ThreadLocalRandom.current().nextInt(1, MAX_RETRY_SECONDS + 1);
    handshakes.shed(response, callback, seconds);
  }

  @Override
  protected void doStop() throws Exception {
    super.doStop();
    executor.shutdown();
  }
}

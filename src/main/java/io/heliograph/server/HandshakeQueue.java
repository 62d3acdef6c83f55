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
 * The queue at the door. When a node is lost its browsers come to the rest all at once; let in as
 * they come, they would keep those waiting who are there. Here they come in one after the other, as
 * many at a time as there are cores, and all other requests go past them. So many may wait; the
 * rest of the crowd is sent away, with a time to come again, before anything is done for it.
 *
 * <p>What the web server does is on virtual threads, which are never interrupted, so the turns are
 * given by platform threads; see {@link ReadExecutor}.
 */
public final class HandshakeQueue extends Handler.Wrapper {

  private static final Logger log = LoggerFactory.getLogger(HandshakeQueue.class);

  /**
   * A handshake that takes longer waits for somebody else (an issuer's keys, Redis), and the next
   * one has its turn.
   */
  private static final Duration PATIENCE = Duration.ofMillis(5);

  private static final int MOST_RETRY_SECONDS = 5;
  private static final Duration BETWEEN_LINES = Duration.ofSeconds(10);

  private final HandshakeResponses handshakes;
  private final int maxWaiting;
  private final Duration patience;
  private final Consumer<Request> answered;
  private final AtomicInteger waiting = new AtomicInteger();
  private final ExecutorService turns =
      PlatformThreads.oneForEachCore("heliograph-door-", new ThreadPoolExecutor.AbortPolicy());

  /** A storm is thousands of refusals: they are counted, and one line says so now and then. */
  private final Bucket lines =
      Bucket.builder().addLimit(limit -> limit.capacity(1).refillGreedy(1, BETWEEN_LINES)).build();

  HandshakeQueue(
      HandshakeResponses handshakes,
      int maxWaiting,
      MeterRegistry meters,
      Consumer<Request> answered) {
    this(handshakes, maxWaiting, meters, answered, PATIENCE);
  }

  /**
   * @param answered is told of each request that needs no more of our time for now
   * @param patience how long a turn lasts at most
   */
  HandshakeQueue(
      HandshakeResponses handshakes,
      int maxWaiting,
      MeterRegistry meters,
      Consumer<Request> answered,
      Duration patience) {
    this.answered = answered;
    this.handshakes = handshakes;
    this.maxWaiting = maxWaiting;
    this.patience = patience;
    Gauge.builder("heliograph.handshakes.waiting", waiting, AtomicInteger::get)
        .description("Handshakes that have arrived and not begun")
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
      sendAway(response, callback);
      answered.accept(request);
      return true;
    }
    turns.execute(() -> giveTurn(request, response, callback));
    return true;
  }

  /**
   * Not every upgrade: Java's own client offers h2c with each push. And nothing with a body, which
   * a turn would have to wait for; it is refused without one.
   */
  private static boolean isHandshake(Request request) {
    HttpFields headers = request.getHeaders();
    return HttpMethod.GET.is(request.getMethod())
        && headers.contains(HttpHeader.UPGRADE, "websocket")
        && headers.contains("Sec-WebSocket-Key")
        && request.getLength() <= 0
        && !headers.contains(HttpHeader.TRANSFER_ENCODING);
  }

  private void giveTurn(Request request, Response response, Callback callback) {
    waiting.decrementAndGet();
    try {
      Thread.ofVirtual()
          .name("heliograph-handshake")
          .start(() -> letIn(request, response, callback))
          .join(patience);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      answered.accept(request);
    }
  }

  /** As Jetty itself would call the handlers. */
  private void letIn(Request request, Response response, Callback callback) {
    try {
      if (!super.handle(request, response, callback)) {
        Response.writeError(request, response, callback, HttpStatus.NOT_FOUND_404);
      }
    } catch (Exception | Error e) {
      Response.writeError(request, response, callback, e);
    }
  }

  private void sendAway(Response response, Callback callback) {
    if (lines.tryConsume(1)) {
      log.warn("Handshakes are shed: {} wait already", maxWaiting);
    }
    // Not all after the same time, or they would come all at once again.
    int seconds = ThreadLocalRandom.current().nextInt(1, MOST_RETRY_SECONDS + 1);
    handshakes.shed(response, callback, seconds);
  }

  @Override
  protected void doStop() throws Exception {
    super.doStop();
    turns.shutdown();
  }
}

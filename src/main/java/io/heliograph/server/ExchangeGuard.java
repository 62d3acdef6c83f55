package io.heliograph.server;

import io.heliograph.web.ExchangeLimit;
import io.heliograph.web.PeerTimeoutException;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.net.StandardSocketOptions;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.SequencedSet;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import org.eclipse.jetty.http.MetaData;
import org.eclipse.jetty.io.Content;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.HttpChannel;
import org.eclipse.jetty.server.HttpStream;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Bounds how long an HTTP exchange may wait for its peer, while a request's body is read and while
 * an answer is written. Jetty's idle timeout restarts with each byte, so a peer that sends or reads
 * one byte at a time could hold its exchange indefinitely.
 *
 * <p>A body, and likewise an answer, has {@link ExchangeProperties#bodyTimeout()} in total, and
 * must reach {@link ExchangeProperties#minRate()} after its first {@value #GRACE_SECONDS} seconds.
 * For an answer, only the time spent waiting for the peer counts. An {@link ExchangeLimit} of the
 * call replaces these bounds. Normally few exchanges wait. Above {@link
 * ExchangeProperties#slowExchanges()} the one that has waited longest is ended, so that slow peers
 * cannot exhaust the memory and new exchanges are not refused because of them.
 *
 * <p>An overdue body fails its reader with a {@link PeerTimeoutException} (answered with 408). An
 * overdue write fails its writer and closes the connection.
 */
public final class ExchangeGuard extends Handler.Wrapper {

  private static final long GRACE_SECONDS = 5;
  private static final long GRACE = TimeUnit.SECONDS.toNanos(GRACE_SECONDS);

  /** While the node drains, a peer that is idle for this long is not waited for. */
  private static final long DRAIN_IDLE = TimeUnit.SECONDS.toNanos(2);

  /** How late an overdue exchange may be detected. */
  private static final Duration SWEEP_INTERVAL = Duration.ofMillis(250);

  /**
   * Ending an exchange writes an answer, so a limited number ends per sweep; more at once would
   * delay all others.
   */
  private static final int MAX_ENDS_PER_SWEEP = 32;

  private final ExchangeProperties properties;
  private final BooleanSupplier draining;
  private final Consumer<Request> waits;
  private final LongSupplier nanoTime;
  private final Counter slowBodies;
  private final Counter slowAnswers;
  private final Counter displaced;

  /** The exchanges that have waited, in the order in which they began to; guarded by itself. */
  private final SequencedSet<Exchange> waiting = new LinkedHashSet<>();

  private @Nullable RepeatedTask sweep;

  /**
   * @param waits called with each request that begins to wait for its peer
   */
  ExchangeGuard(
      ExchangeProperties properties,
      BooleanSupplier draining,
      Consumer<Request> waits,
      MeterRegistry meters) {
    this(properties, draining, waits, meters, System::nanoTime);
  }

  ExchangeGuard(
      ExchangeProperties properties,
      BooleanSupplier draining,
      Consumer<Request> waits,
      MeterRegistry meters,
      LongSupplier nanoTime) {
    this.properties = properties;
    this.draining = draining;
    this.waits = waits;
    this.nanoTime = nanoTime;
    this.slowBodies = cut(meters, "body");
    this.slowAnswers = cut(meters, "answer");
    this.displaced = cut(meters, "displaced");
    Gauge.builder("heliograph.exchanges.slow", this, ExchangeGuard::waiting)
        .description("Requests in progress whose body or answer has waited for the peer")
        .register(meters);
  }

  private static Counter cut(MeterRegistry meters, String reason) {
    return Counter.builder("heliograph.exchanges.cut")
        .description("Requests that were ended because their peer was too slow")
        .tag("reason", reason)
        .register(meters);
  }

  @Override
  protected void doStart() throws Exception {
    super.doStart();
    sweep = new RepeatedTask(getServer().getScheduler(), SWEEP_INTERVAL, this::sweep);
  }

  @Override
  protected void doStop() throws Exception {
    if (sweep != null) {
      sweep.close();
    }
    super.doStop();
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    request.addHttpStreamWrapper(stream -> new Exchange(request, stream));
    return super.handle(request, response, callback);
  }

  private int waiting() {
    synchronized (waiting) {
      return waiting.size();
    }
  }

  /** Ends the exchanges that are overdue. */
  void sweep() {
    List<Exchange> now;
    synchronized (waiting) {
      now = new ArrayList<>(waiting);
    }
    int ended = 0;
    for (Exchange exchange : now) {
      if (exchange.endIfOverdue() && ++ended == MAX_ENDS_PER_SWEEP) {
        return;
      }
    }
  }

  private void watch(Exchange exchange) {
    Exchange longest = null;
    synchronized (waiting) {
      if (exchange.ended || !waiting.add(exchange)) {
        return;
      }
      if (waiting.size() > properties.slowExchanges()) {
        longest = displaceable();
      }
    }
    waits.accept(exchange.request);
    if (longest != null) {
      longest.displace();
    }
  }

  /** The exchange to end when too many wait. Streams have their own bounds and are skipped. */
  private @Nullable Exchange displaceable() {
    Iterator<Exchange> oldestFirst = waiting.iterator();
    while (oldestFirst.hasNext()) {
      Exchange exchange = oldestFirst.next();
      ExchangeLimit limit = ExchangeLimit.of(exchange.request);
      if (limit == null || !limit.idle()) {
        oldestFirst.remove();
        return exchange;
      }
    }
    return null;
  }

  private void unwatch(Exchange exchange) {
    synchronized (waiting) {
      exchange.ended = true;
      waiting.remove(exchange);
    }
  }

  /**
   * Makes the close of the connection a reset: an answer that is delimited by the end of its
   * connection ({@code Connection: close}, or HTTP/1.0) would look complete after an orderly close.
   */
  private static void resetWhenClosed(EndPoint connection) {
    Object transport = connection;
    while (transport instanceof EndPoint endPoint) {
      transport = endPoint.getTransport();
    }
    if (transport instanceof SocketChannel channel) {
      try {
        channel.setOption(StandardSocketOptions.SO_LINGER, 0);
      } catch (IOException e) {
        // Already closed.
      }
    }
  }

  /**
   * One request and its answer, between Jetty's connection and its channel. There is one read and
   * one write at a time; the sweep runs on another thread.
   */
  private final class Exchange extends HttpStream.Wrapper {

    private final Request request;

    /** Guarded by {@link #waiting}. */
    private boolean ended;

    /** When the first read of the body had to wait; null: never, or the body is complete. */
    private volatile @Nullable Long bodySince;

    /** Written before {@link #lastReceived} and read after it. */
    private long received;

    private volatile long lastReceived;
    private volatile @Nullable PeerTimeoutException readFailure;

    /** The start of the write in progress; null when there is none. */
    private volatile @Nullable Long writingSince;

    /** Written before {@link #writingSince} and read after it. */
    private long handedOver;

    private long waitedBefore;

    /** The answer was written completely. */
    private boolean answered;

    Exchange(Request request, HttpStream stream) {
      super(stream);
      this.request = request;
    }

    // The body ------------------------------------------------------------------------------------

    @Override
    public Content.@Nullable Chunk read() {
      PeerTimeoutException failure = readFailure;
      if (failure != null) {
        return Content.Chunk.from(failure, true);
      }
      Content.Chunk chunk = super.read();
      if (chunk != null && bodySince != null) {
        received += chunk.remaining();
        lastReceived = nanoTime.getAsLong();
        if (chunk.isLast()) {
          bodySince = null;
        }
      }
      return chunk;
    }

    @Override
    public void demand() {
      if (readFailure != null) {
        run(HttpChannel.from(request).onContentAvailable());
        return;
      }
      if (bodySince == null) {
        long now = nanoTime.getAsLong();
        lastReceived = now;
        bodySince = now;
        watch(this);
      }
      super.demand();
    }

    private void failBody(PeerTimeoutException failure) {
      readFailure = failure;
      onChannel(HttpChannel::onContentAvailable);
    }

    // The answer ----------------------------------------------------------------------------------

    @Override
    public void send(
        MetaData.Request requestHead,
        MetaData.@Nullable Response head,
        boolean last,
        @Nullable ByteBuffer content,
        Callback callback) {
      long begun = nanoTime.getAsLong();
      handedOver += content == null ? 0 : content.remaining();
      writingSince = begun;
      super.send(requestHead, head, last, content, new Written(callback, begun, last));
      if (writingSince != null) {
        watch(this);
      }
    }

    private final class Written extends Callback.Nested {
      private final long begun;

      private final boolean last;

      Written(Callback callback, long begun, boolean last) {
        super(callback);
        this.begun = begun;
        this.last = last;
      }

      @Override
      public void succeeded() {
        answered |= last;
        over();
        super.succeeded();
      }

      @Override
      public void failed(Throwable failure) {
        over();
        super.failed(failure);
      }

      private void over() {
        waitedBefore += nanoTime.getAsLong() - begun;
        writingSince = null;
      }
    }

    private void failWrite(PeerTimeoutException failure) {
      readFailure = failure;
      onChannel(channel -> channel.onIdleTimeout(failure).action());
    }

    // The bounds ----------------------------------------------------------------------------------

    private boolean endIfOverdue() {
      if (readFailure != null) {
        return false;
      }
      Long writing = writingSince;
      Long body = bodySince;
      ExchangeLimit limit = ExchangeLimit.of(request);
      if (writing != null) {
        long waited = nanoTime.getAsLong() - writing;
        if (overdue(limit, waited, waitedBefore + waited, handedOver, properties.answerTimeout())) {
          slowAnswers.increment();
          failWrite(new PeerTimeoutException("the answer was not taken in time"));
          return true;
        }
      } else if (body != null) {
        long idle = nanoTime.getAsLong() - lastReceived;
        long waited = nanoTime.getAsLong() - body;
        if (overdue(limit, idle, waited, received, properties.bodyTimeout())) {
          slowBodies.increment();
          failBody(new PeerTimeoutException("the body did not come in time"));
          return true;
        }
      }
      return false;
    }

    private boolean overdue(
        @Nullable ExchangeLimit limit, long idle, long waited, long bytes, Duration timeout) {
      if (draining.getAsBoolean() && idle > DRAIN_IDLE) {
        return true;
      }
      if (limit != null) {
        return (limit.idle() ? idle : waited) > limit.duration().toNanos();
      }
      long needed =
          TimeUnit.NANOSECONDS.toMillis(waited - GRACE) * properties.minRate().toBytes() / 1000;
      return waited > timeout.toNanos() || (waited > GRACE && bytes < needed);
    }

    private void displace() {
      displaced.increment();
      var failure = new PeerTimeoutException("too many requests wait for their peers");
      if (writingSince != null) {
        failWrite(failure);
      } else {
        failBody(failure);
      }
    }

    // The end -------------------------------------------------------------------------------------

    @Override
    public void succeeded() {
      unwatch(this);
      super.succeeded();
    }

    @Override
    public void failed(Throwable failure) {
      unwatch(this);
      if (isCommitted() && !answered) {
        resetWhenClosed(request.getConnectionMetaData().getConnection().getEndPoint());
      }
      super.failed(failure);
    }

    /** Failures are reported to reader and writer on a separate thread. */
    private void onChannel(Function<HttpChannel, @Nullable Runnable> failing) {
      Runnable task;
      try {
        task = failing.apply(HttpChannel.from(request));
      } catch (IllegalStateException e) {
        return; // It has ended meanwhile.
      }
      if (task != null) {
        request.getConnectionMetaData().getConnector().getExecutor().execute(task);
      }
    }

    private static void run(@Nullable Runnable task) {
      if (task != null) {
        task.run();
      }
    }
  }
}

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
 * Bounds how long an HTTP exchange may wait for its peer: for the rest of a request's body, and for
 * an answer to be taken. Jetty's idle timeout begins anew with each byte, so a peer that sends or
 * takes one byte at a time would hold its exchange for as long as it likes.
 *
 * <p>A body, and likewise an answer, has {@link ExchangeProperties#bodyTimeout()} in all, and needs
 * {@link ExchangeProperties#minRate()} after its first {@value #GRACE_SECONDS} seconds. Only time
 * spent waiting for the peer counts for an answer. An {@link ExchangeLimit} of the call replaces
 * these bounds. Exchanges that wait are few in good times; past {@link
 * ExchangeProperties#slowExchanges()} the one that has waited longest is ended, so that waiting
 * peers cannot fill the memory and a new exchange is never refused for their sake.
 *
 * <p>A body that is overdue fails its reader with a {@link PeerTimeoutException} (answered with
 * 408), a write that is overdue fails its writer and ends the connection.
 */
public final class ExchangeGuard extends Handler.Wrapper {

  private static final long GRACE_SECONDS = 5;
  private static final long GRACE = TimeUnit.SECONDS.toNanos(GRACE_SECONDS);

  /** A peer that is silent for so long while the node drains is not waited for. */
  private static final long DRAIN_IDLE = TimeUnit.SECONDS.toNanos(2);

  /** How late an overdue exchange may be found. */
  private static final Duration SWEEP_INTERVAL = Duration.ofMillis(250);

  /** Ending one is an answer to write; a crowd of them in one moment would delay all others. */
  private static final int MOST_ENDS = 32;

  private final ExchangeProperties properties;
  private final BooleanSupplier draining;
  private final Consumer<Request> waits;
  private final LongSupplier nanoTime;
  private final Counter slowBodies;
  private final Counter slowAnswers;
  private final Counter displaced;

  /** Those that have waited, in the order in which they began to; guarded by itself. */
  private final SequencedSet<Exchange> waiting = new LinkedHashSet<>();

  private @Nullable RepeatedTask sweep;

  /**
   * @param waits is told of each request that begins to wait for its peer
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
        .description("Requests under way whose body or answer had to wait for the peer")
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

  /** Ends exchanges that are overdue. */
  void sweep() {
    List<Exchange> now;
    synchronized (waiting) {
      now = new ArrayList<>(waiting);
    }
    int ended = 0;
    for (Exchange exchange : now) {
      if (exchange.endIfOverdue() && ++ended == MOST_ENDS) {
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

  /** Streams have bounds of their own, so they are passed over. */
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
   * An answer that ends where its connection ends (to {@code Connection: close}, or HTTP/1.0) looks
   * whole when the connection is closed in order.
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
        // It is closed already.
      }
    }
  }

  /**
   * One request and its answer, between Jetty's connection and its channel. Reads come one at a
   * time, and so do writes; the sweep looks on from a thread of its own.
   */
  private final class Exchange extends HttpStream.Wrapper {

    private final Request request;

    /** Guarded by {@link #waiting}. */
    private boolean ended;

    /** When the body was first waited for; null: it was not, or has come whole. */
    private volatile @Nullable Long bodySince;

    /** Written before {@link #lastReceived} is, and read after it. */
    private long received;

    private volatile long lastReceived;
    private volatile @Nullable PeerTimeoutException readFailure;

    /** Since when a write has been under way; null: there is none. */
    private volatile @Nullable Long writingSince;

    /** Written before {@link #writingSince} is, and read after it. */
    private long handedOver;

    private long waitedBefore;

    /** The answer has left whole. */
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

    /** Reader and writer hear of their failure on a thread of their own. */
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

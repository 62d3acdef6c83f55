package io.heliograph.server;

import io.heliograph.web.ClientAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;
import org.eclipse.jetty.http.HttpHeader;
import org.eclipse.jetty.http.HttpHeaderValue;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.jspecify.annotations.Nullable;

/**
 * Bounds HTTP connections between requests. A connection whose request head has begun and is not
 * complete is half-open. The whole head has one deadline, because Jetty's idle timeout restarts
 * with each byte, and the number of half-open connections per address is limited. This applies to
 * the first request, which may begin with the connection, and to each later one, which begins with
 * its first byte. A connection that the server has shut down is closed after a while if its peer
 * does not close it.
 *
 * <p>While the node drains, answers contain {@code Connection: close}, so that callers connect to
 * another node before this one stops.
 *
 * <p>Threads: Jetty's, and its scheduler for the sweep. A connection that has become a WebSocket is
 * not tracked any more.
 */
public final class RequestHeadGuard extends Handler.Wrapper implements Connection.Listener {

  /** How late an overdue connection may be detected. */
  private static final Duration SWEEP_INTERVAL = Duration.ofMillis(250);

  /** The time for the peer to read the last answer and to close; further input is discarded. */
  private static final Duration LINGER = Duration.ofSeconds(5);

  private final AdmissionProperties properties;
  private final HandshakeResponses handshakes;
  private final BooleanSupplier draining;
  private final LongSupplier nanoTime;
  private final Map<Connection, Guarded> guarded = new ConcurrentHashMap<>();

  /** Half-open connections; addresses without one have no entry. */
  private final Map<String, Integer> countsByAddress = new ConcurrentHashMap<>();

  private @Nullable RepeatedTask sweep;

  RequestHeadGuard(
      AdmissionProperties properties, HandshakeResponses handshakes, BooleanSupplier draining) {
    this(properties, handshakes, draining, System::nanoTime);
  }

  RequestHeadGuard(
      AdmissionProperties properties,
      HandshakeResponses handshakes,
      BooleanSupplier draining,
      LongSupplier nanoTime) {
    this.properties = properties;
    this.handshakes = handshakes;
    this.draining = draining;
    this.nanoTime = nanoTime;
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
  public void onOpened(Connection connection) {
    if (connection instanceof ConnectionMetaData) {
      var opened = new Guarded(connection);
      guarded.put(connection, opened);
      opened.headBegins();
      if (!guarded.containsKey(connection)) {
        opened.headEnds(); // It was closed meanwhile.
      }
    }
  }

  @Override
  public void onClosed(Connection connection) {
    Guarded closed = guarded.remove(connection);
    if (closed != null) {
      closed.headEnds();
    }
  }

  @SuppressWarnings("ThreadPriorityCheck") // virtual threads are not preempted
  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    Guarded connection = guarded.get(request.getConnectionMetaData().getConnection());
    if (connection != null) {
      if (connection.requestBegins()) {
        Thread.yield();
      }
      Request.addCompletionListener(request, _ -> connection.requestEnds());
    }
    if (draining.getAsBoolean() && !request.getHeaders().contains(HttpHeader.UPGRADE)) {
      response.getHeaders().put(HttpHeader.CONNECTION, HttpHeaderValue.CLOSE.asString());
    }
    return super.handle(request, response, callback);
  }

  /** Closes the overdue connections, and detects heads that have begun. */
  void sweep() {
    guarded.values().forEach(Guarded::check);
  }

  /** Makes room for new connections by closing idle ones. */
  void closeIdle() {
    guarded.values().forEach(Guarded::closeIfIdle);
  }

  private static String address(Connection connection) {
    SocketAddress remote = connection.getEndPoint().getRemoteSocketAddress();
    return remote instanceof InetSocketAddress inet && inet.getAddress() != null
        ? ClientAddress.of(inet.getAddress()).network()
        : String.valueOf(remote);
  }

  private enum State {
    /** A request's head has begun, or the first one is expected. */
    HALF_OPEN,
    /** A request is being handled. */
    HANDLING,
    /** Kept alive after a request; no byte of the next one has arrived. */
    IDLE,
    /** The server has written its last answer. */
    LINGERING,
    /** Over the limit of its address. */
    REFUSED
  }

  /** One connection; its fields are guarded by itself. */
  private final class Guarded {

    private final Connection connection;
    private final String address;
    private State state = State.IDLE;
    private long since;
    private long bytesBefore;
    private long lastThread;

    Guarded(Connection connection) {
      this.connection = connection;
      this.address = address(connection);
    }

    private void enter(State next) {
      state = next;
      since = nanoTime.getAsLong();
    }

    private boolean longerThan(Duration limit) {
      return nanoTime.getAsLong() - since > limit.toNanos();
    }

    synchronized void headBegins() {
      enter(State.HALF_OPEN);
      int count = countsByAddress.merge(address, 1, Integer::sum);
      if (properties.halfOpenPerAddress() > 0 && count > properties.halfOpenPerAddress()) {
        headEnds();
        // Closed by the sweep: other listeners must see the opening first, and a head that arrives
        // until then prevents the close.
        enter(State.REFUSED);
      }
    }

    synchronized void headEnds() {
      if (state == State.HALF_OPEN) {
        countsByAddress.computeIfPresent(address, (_, count) -> count > 1 ? count - 1 : null);
        enter(State.IDLE);
      }
    }

    /**
     * @return true: this thread has handled the request before, too. The client pipelines, and
     *     would keep a core for as long as it does, because virtual threads are not preempted.
     */
    synchronized boolean requestBegins() {
      headEnds();
      enter(State.HANDLING);
      long thread = Thread.currentThread().threadId();
      boolean again = thread == lastThread;
      lastThread = thread;
      return again;
    }

    synchronized void requestEnds() {
      bytesBefore = connection.getBytesIn();
      enter(State.IDLE);
    }

    synchronized void check() {
      switch (state) {
        case HALF_OPEN -> {
          if (longerThan(properties.handshakeTimeout())) {
            handshakes.count(HandshakeOutcome.SLOW);
            headEnds();
            connection.getEndPoint().close();
          }
        }
        case IDLE -> {
          if (connection.getEndPoint().isOutputShutdown()) {
            enter(State.LINGERING);
          } else if (connection.getBytesIn() != bytesBefore) {
            headBegins();
          }
        }
        case REFUSED -> {
          handshakes.count(HandshakeOutcome.HALF_OPEN);
          connection.getEndPoint().close();
        }
        case LINGERING -> {
          if (longerThan(LINGER)) {
            connection.getEndPoint().close();
          }
        }
        case HANDLING -> {
          // The ExchangeGuard bounds this state.
        }
      }
    }

    synchronized void closeIfIdle() {
      if (state == State.IDLE || state == State.LINGERING) {
        connection.getEndPoint().close();
      }
    }
  }
}

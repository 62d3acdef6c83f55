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
 * Bounds HTTP connections while no request of theirs is under way. A connection whose request head
 * has begun and not ended is half-open: it has one deadline for the whole head, because Jetty's
 * idle timeout begins anew with each byte, and an address may have only so many. That holds for the
 * first request of a connection, which may begin when the connection does, and for each later one,
 * which begins with its first byte. A connection that the server has ended is closed when its peer
 * does not end it too.
 *
 * <p>While the node drains, answers carry {@code Connection: close}, so that callers connect
 * elsewhere before this node is gone.
 *
 * <p>Threads: Jetty's, and its scheduler for the sweep. A connection that became a WebSocket is no
 * longer known here.
 */
public final class RequestHeadGuard extends Handler.Wrapper implements Connection.Listener {

  /** How late an overdue connection may be found. */
  private static final Duration SWEEP_INTERVAL = Duration.ofMillis(250);

  /** Time for the peer to read the last answer and to close; what it sends is thrown away. */
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

  /** Ends the connections that are overdue, and finds heads that have begun. */
  void sweep() {
    guarded.values().forEach(Guarded::check);
  }

  /** Makes room for new connections: ends those that were kept open and have no request. */
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
    /** A request's head has begun, or is the first one and may. */
    HALF_OPEN,
    /** A request is under way. */
    HANDLING,
    /** Kept open after a request; nothing of the next one has come. */
    IDLE,
    /** The server has said its last. */
    LINGERING,
    /** One too many of its address. */
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
        // Closed by the sweep: other listeners have to hear of its begin first, and a head that
        // comes
        // meanwhile saves it.
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
          // Bounded by the ExchangeGuard.
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

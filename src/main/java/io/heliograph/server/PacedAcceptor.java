package io.heliograph.server;

import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.channels.SelectableChannel;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.eclipse.jetty.io.EndPoint;
import org.eclipse.jetty.io.SelectorManager;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.ServerConnector;
import org.eclipse.jetty.util.component.LifeCycle;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Accepts the connections of a port, in place of Jetty's acceptor, and registers them no faster
 * than their first requests are answered. Otherwise thousands of clients that reconnect at once
 * would be registered and read in one burst, on the same virtual threads as publish requests, which
 * would wait for all of them. Here accepted connections wait in a queue, and when that is full, in
 * the kernel's backlog, whose overflow delays a client by a second or more.
 *
 * <p>Connections that send nothing delay the others by at most {@link #MAX_SILENCE}.
 *
 * <p>Threads: a platform thread accepts, because those are preempted. The thread that has answered
 * a request registers the next connection.
 */
public final class PacedAcceptor implements LifeCycle.Listener, SelectorManager.AcceptListener {

  private static final Logger log = LoggerFactory.getLogger(PacedAcceptor.class);

  /**
   * The maximum number of registered connections without an answer: two or three milliseconds of
   * work.
   */
  private static final int MAX_UNANSWERED = 64;

  /** The capacity of the queue; further connections wait in the kernel's backlog. */
  private static final int MAX_WAITING = 10_000;

  /** After this long without any answer, the registered connections are assumed to send nothing. */
  private static final Duration MAX_SILENCE = Duration.ofMillis(10);

  /**
   * After this long without an answer, a connection is assumed to wait for something else than this
   * node.
   */
  private static final Duration MAX_UNANSWERED_TIME = Duration.ofMillis(100);

  private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);

  private final ServerConnector connector;
  private final Consumer<Throwable> failures;
  private final int maxUnanswered;
  private final Duration maxSilence;

  private final LinkedBlockingQueue<SocketChannel> waiting = new LinkedBlockingQueue<>(MAX_WAITING);

  /**
   * Connections that were registered and neither answered nor given up, with the time of
   * registration.
   */
  private final Map<SelectableChannel, Long> unanswered = new ConcurrentHashMap<>();

  private final AtomicLong answers = new AtomicLong();
  private final AtomicBoolean watched = new AtomicBoolean();

  /** Replaces the acceptor of a connector that is not started yet. */
  static PacedAcceptor of(ServerConnector connector, Consumer<Throwable> failures) {
    return of(connector, failures, MAX_UNANSWERED, MAX_SILENCE);
  }

  static PacedAcceptor of(
      ServerConnector connector,
      Consumer<Throwable> failures,
      int maxUnanswered,
      Duration maxSilence) {
    var acceptor = new PacedAcceptor(connector, failures, maxUnanswered, maxSilence);
    connector.setAccepting(false);
    // As a lifecycle listener for the start, and as an accept listener for closed channels.
    connector.addBean(acceptor);
    return acceptor;
  }

  private PacedAcceptor(
      ServerConnector connector,
      Consumer<Throwable> failures,
      int maxUnanswered,
      Duration maxSilence) {
    this.connector = connector;
    this.failures = failures;
    this.maxUnanswered = maxUnanswered;
    this.maxSilence = maxSilence;
  }

  // Accepting -------------------------------------------------------------------------------------

  @SuppressWarnings("ReferenceEquality") // this connector and no other
  @Override
  public void lifeCycleStarted(LifeCycle started) {
    // Without acceptors, Jetty's selectors accept and no pacing is possible.
    if (started == connector
        && connector.getAcceptors() > 0
        && connector.getTransport() instanceof ServerSocketChannel port) {
      unanswered.clear();
      watched.set(false);
      Thread.ofPlatform()
          .daemon()
          .name("heliograph-accept-" + connector.getLocalPort())
          .start(() -> acceptUntilClosed(port));
    }
  }

  private void acceptUntilClosed(ServerSocketChannel port) {
    while (port.isOpen()) {
      try {
        accept(port.accept());
      } catch (ClosedChannelException e) {
        // The connector stops and accepts no more connections.
      } catch (IOException | RuntimeException | Error e) {
        // Errors too, because this thread must continue to accept.
        log.warn("Cannot accept a connection", e);
        failures.accept(e);
        pauseAfterFailure();
      } catch (InterruptedException e) {
        return;
      }
    }
    for (SocketChannel left = waiting.poll(); left != null; left = waiting.poll()) {
      close(left);
    }
  }

  /** Without the pause, a lack of file descriptors would keep a core busy. */
  private static void pauseAfterFailure() {
    try {
      Thread.sleep(AFTER_FAILURE);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void accept(SocketChannel channel) throws IOException, InterruptedException {
    try {
      channel.configureBlocking(false);
      channel.socket().setTcpNoDelay(connector.getAcceptedTcpNoDelay());
    } catch (IOException e) {
      // The client has closed it already, which is not a failure of this node.
      close(channel);
      return;
    }
    boolean first = waiting.isEmpty();
    waiting.put(channel);
    if (first || unanswered.size() <= maxUnanswered / 2) {
      handOver();
    } else {
      watch();
    }
  }

  private static void close(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      log.debug("Cannot close a connection", e);
    }
  }

  /** The number of connections that are accepted and not registered yet. */
  int waiting() {
    return waiting.size();
  }

  // Pacing ----------------------------------------------------------------------------------------

  private void handOver() {
    while (unanswered.size() < maxUnanswered) {
      SocketChannel next = waiting.poll();
      if (next == null) {
        return;
      }
      unanswered.put(next, System.nanoTime());
      try {
        connector.getSelectorManager().accept(next);
      } catch (RuntimeException e) {
        // The connector stops, which must not fail the request whose thread runs this.
        log.debug("The stopping connector refused a connection", e);
        unanswered.remove(next);
        close(next);
      }
    }
    watch();
  }

  /** Called when a request of this connection is answered, or waits for another system. */
  public void answered(Request request) {
    Object transport = request.getConnectionMetaData().getConnection().getEndPoint();
    // Under TLS the channel belongs to the end point below.
    while (transport instanceof EndPoint endPoint) {
      transport = endPoint.getTransport();
    }
    if (transport instanceof SelectableChannel channel) {
      settle(channel);
    }
  }

  @Override
  public void onAcceptFailed(SelectableChannel channel, Throwable failure) {
    settle(channel);
  }

  @Override
  public void onClosed(SelectableChannel channel) {
    settle(channel);
  }

  private void settle(SelectableChannel channel) {
    if (unanswered.remove(channel) != null) {
      answers.incrementAndGet();
      // Several at a time, because each registration wakes up a selector.
      if (unanswered.size() <= maxUnanswered / 2) {
        handOver();
      }
    }
  }

  /** Schedules another check when connections wait and the limit is reached. */
  private void watch() {
    if (!waiting.isEmpty() && watched.compareAndSet(false, true)) {
      long before = answers.get();
      connector
          .getScheduler()
          .schedule(() -> checkAgain(before), maxSilence.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  private void checkAgain(long answersBefore) {
    watched.set(false);
    if (answers.get() == answersBefore) {
      unanswered.clear();
    } else {
      // Some were answered, and others wait for something else than this node, such as a body.
      long tooOld = System.nanoTime() - MAX_UNANSWERED_TIME.toNanos();
      unanswered.values().removeIf(since -> since - tooOld < 0);
    }
    handOver();
  }
}

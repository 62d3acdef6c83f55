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
 * Accepts the connections of a port, in place of Jetty's acceptor, and hands them over no faster
 * than their first requests are answered. A crowd that comes back at once would otherwise be
 * registered and read in one piece, by the same virtual threads as a backend's push, which waited
 * for all of it. Here it waits in a queue; when that is full, in the kernel's, whose own overflow
 * costs whoever is turned away a second or more.
 *
 * <p>Who connects and says nothing delays the others for {@link #PATIENCE} at most.
 *
 * <p>Threads: one of its own accepts, a platform thread, which the system interrupts. Whoever has
 * answered a request hands over the next.
 */
public final class PacedAcceptor implements LifeCycle.Listener, SelectorManager.AcceptListener {

  private static final Logger log = LoggerFactory.getLogger(PacedAcceptor.class);

  /** So many are handed over and not answered at most: two or three milliseconds of work. */
  private static final int MOST_UNANSWERED = 64;

  /** A crowd that is larger than this waits in the kernel. */
  private static final int MOST_WAITING = 10_000;

  /** Nothing is answered for so long: those who were handed over have nothing to say. */
  private static final Duration PATIENCE = Duration.ofMillis(10);

  /** Whoever is not answered for so long waits for something else than our time. */
  private static final Duration MOST_PATIENCE = Duration.ofMillis(100);

  private static final Duration AFTER_FAILURE = Duration.ofSeconds(1);

  private final ServerConnector connector;
  private final Consumer<Throwable> failures;
  private final int mostUnanswered;
  private final Duration patience;

  private final LinkedBlockingQueue<SocketChannel> waiting =
      new LinkedBlockingQueue<>(MOST_WAITING);

  /** Handed over, and neither answered nor given up, with the time of that. */
  private final Map<SelectableChannel, Long> unanswered = new ConcurrentHashMap<>();

  private final AtomicLong answers = new AtomicLong();
  private final AtomicBoolean watched = new AtomicBoolean();

  /** Takes the place of the connector's own acceptor; the connector is not started yet. */
  static PacedAcceptor of(ServerConnector connector, Consumer<Throwable> failures) {
    return of(connector, failures, MOST_UNANSWERED, PATIENCE);
  }

  static PacedAcceptor of(
      ServerConnector connector,
      Consumer<Throwable> failures,
      int mostUnanswered,
      Duration patience) {
    var acceptor = new PacedAcceptor(connector, failures, mostUnanswered, patience);
    connector.setAccepting(false);
    // As a listener for being started, and as one that is told of closed channels.
    connector.addBean(acceptor);
    return acceptor;
  }

  private PacedAcceptor(
      ServerConnector connector,
      Consumer<Throwable> failures,
      int mostUnanswered,
      Duration patience) {
    this.connector = connector;
    this.failures = failures;
    this.mostUnanswered = mostUnanswered;
    this.patience = patience;
  }

  // Accepting -------------------------------------------------------------------------------------

  @SuppressWarnings("ReferenceEquality") // this connector and no other
  @Override
  public void lifeCycleStarted(LifeCycle started) {
    // Without acceptors it is Jetty's selectors that accept, and there is no pace.
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
        // The connector stops: nobody else is taken in.
      } catch (IOException | RuntimeException | Error e) {
        // Errors too, or nobody would be accepted any more.
        log.warn("A connection was not accepted", e);
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

  /** Without it a lack of open files would keep a core busy. */
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
      // It has gone already, which is no failure of ours.
      close(channel);
      return;
    }
    boolean first = waiting.isEmpty();
    waiting.put(channel);
    if (first || unanswered.size() <= mostUnanswered / 2) {
      handOver();
    } else {
      watch();
    }
  }

  private static void close(SocketChannel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      log.debug("Closing failed", e);
    }
  }

  /** Connections that are accepted and not handed over yet. */
  int waiting() {
    return waiting.size();
  }

  // The pace --------------------------------------------------------------------------------------

  private void handOver() {
    while (unanswered.size() < mostUnanswered) {
      SocketChannel next = waiting.poll();
      if (next == null) {
        return;
      }
      unanswered.put(next, System.nanoTime());
      try {
        connector.getSelectorManager().accept(next);
      } catch (RuntimeException e) {
        // The connector stops; whoever has answered a request has no part in that.
        log.debug("Nobody takes a connection", e);
        unanswered.remove(next);
        close(next);
      }
    }
    watch();
  }

  /** A request of this connection is answered, or waits for somebody else. */
  public void answered(Request request) {
    Object transport = request.getConnectionMetaData().getConnection().getEndPoint();
    // Behind TLS the channel is that of the end point below.
    while (transport instanceof EndPoint endPoint) {
      transport = endPoint.getTransport();
    }
    if (transport instanceof SelectableChannel channel) {
      over(channel);
    }
  }

  @Override
  public void onAcceptFailed(SelectableChannel channel, Throwable failure) {
    over(channel);
  }

  @Override
  public void onClosed(SelectableChannel channel) {
    over(channel);
  }

  private void over(SelectableChannel channel) {
    if (unanswered.remove(channel) != null) {
      answers.incrementAndGet();
      // Several at a time: each handing over wakes a selector.
      if (unanswered.size() <= mostUnanswered / 2) {
        handOver();
      }
    }
  }

  /** Somebody waits and no place is free: looks again after the patience. */
  private void watch() {
    if (!waiting.isEmpty() && watched.compareAndSet(false, true)) {
      long before = answers.get();
      connector
          .getScheduler()
          .schedule(() -> lookAgain(before), patience.toNanos(), TimeUnit.NANOSECONDS);
    }
  }

  private void lookAgain(long answersBefore) {
    watched.set(false);
    if (answers.get() == answersBefore) {
      unanswered.clear();
    } else {
      // Some are answered, and some wait for something else than us: a body, say.
      long tooOld = System.nanoTime() - MOST_PATIENCE.toNanos();
      unanswered.values().removeIf(since -> since - tooOld < 0);
    }
    handOver();
  }
}

package io.heliograph.server;

import io.heliograph.web.ClientAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.Connection;
import org.eclipse.jetty.server.ConnectionMetaData;
import org.eclipse.jetty.server.Handler;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.Response;
import org.eclipse.jetty.util.Callback;
import org.eclipse.jetty.util.thread.Scheduler;

/**
 * The door before the handshake: connections whose first request head has not come whole. Each has
 * one deadline for all of it, for Jetty's idle timeout begins anew with each byte, and an address
 * may have only so many of them. A head that is complete, whatever its path, takes its connection
 * out of here.
 */
public final class RequestHeadGuard extends Handler.Wrapper implements Connection.Listener {

  private final AdmissionProperties properties;
  private final HandshakeResponses handshakes;
  private final Map<Connection, Waiting> waitingByConnection = new ConcurrentHashMap<>();

  /** Addresses without a waiting connection have no entry. */
  private final Map<String, Integer> countsByAddress = new ConcurrentHashMap<>();

  public RequestHeadGuard(AdmissionProperties properties, HandshakeResponses handshakes) {
    this.properties = properties;
    this.handshakes = handshakes;
  }

  private record Waiting(String address, Scheduler.Task deadline) {}

  @Override
  public void onOpened(Connection connection) {
    if (!(connection instanceof ConnectionMetaData line)) {
      return;
    }
    String address = address(connection);
    int count = countsByAddress.merge(address, 1, Integer::sum);
    Scheduler.Task deadline =
        line.getConnector()
            .getScheduler()
            .schedule(
                () -> cut(connection),
                properties.handshakeTimeout().toMillis(),
                TimeUnit.MILLISECONDS);
    waitingByConnection.put(connection, new Waiting(address, deadline));
    if (properties.halfOpenPerAddress() > 0 && count > properties.halfOpenPerAddress()) {
      handshakes.count(HandshakeOutcome.HALF_OPEN);
      forget(connection);
      connection.close();
    }
  }

  private void cut(Connection connection) {
    if (forget(connection)) {
      handshakes.count(HandshakeOutcome.SLOW);
      connection.getEndPoint().close();
    }
  }

  @Override
  public void onClosed(Connection connection) {
    forget(connection);
  }

  @Override
  public boolean handle(Request request, Response response, Callback callback) throws Exception {
    forget(request.getConnectionMetaData().getConnection());
    return super.handle(request, response, callback);
  }

  private boolean forget(Connection connection) {
    Waiting waiting = waitingByConnection.remove(connection);
    if (waiting == null) {
      return false;
    }
    waiting.deadline().cancel();
    countsByAddress.computeIfPresent(
        waiting.address(), (address, count) -> count > 1 ? count - 1 : null);
    return true;
  }

  private static String address(Connection connection) {
    SocketAddress remote = connection.getEndPoint().getRemoteSocketAddress();
    return remote instanceof InetSocketAddress inet && inet.getAddress() != null
        ? ClientAddress.of(inet.getAddress()).network()
        : String.valueOf(remote);
  }
}

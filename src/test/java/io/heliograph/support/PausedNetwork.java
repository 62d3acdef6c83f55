package io.heliograph.support;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A network that can stand still: what comes while it is held arrives when it is let go, as at a
 * process that was stopped for a while.
 */
public final class PausedNetwork implements AutoCloseable {

  private final ServerSocket entrance;
  private final int serverPort;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final Object gate = new Object();
  private boolean held;

  public PausedNetwork(int serverPort) {
    this.serverPort = serverPort;
    try {
      entrance = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    Thread.ofVirtual().start(this::accept);
  }

  public int port() {
    return entrance.getLocalPort();
  }

  public void hold() {
    synchronized (gate) {
      held = true;
    }
  }

  public void letGo() {
    synchronized (gate) {
      held = false;
      gate.notifyAll();
    }
  }

  private void accept() {
    try {
      while (true) {
        connect(entrance.accept());
      }
    } catch (IOException e) {
      // The entrance was closed: the test is over.
    }
  }

  private void connect(Socket client) {
    try {
      Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
      sockets.add(client);
      sockets.add(server);
      Thread.ofVirtual().start(() -> pass(client, server));
      Thread.ofVirtual().start(() -> pass(server, client));
    } catch (IOException e) {
      // The server is away: the client sees the same.
      end(client);
    }
  }

  private void pass(Socket from, Socket to) {
    byte[] bytes = new byte[8_192];
    try (InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      int count;
      while ((count = in.read(bytes)) >= 0) {
        synchronized (gate) {
          while (held) {
            gate.wait();
          }
        }
        out.write(bytes, 0, count);
      }
    } catch (IOException e) {
      // One side has gone; the other direction ends in the same way.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      end(from);
      end(to);
    }
  }

  private void end(Socket socket) {
    sockets.remove(socket);
    try {
      socket.close();
    } catch (IOException e) {
      // Closed already.
    }
  }

  @Override
  public void close() throws IOException {
    letGo();
    entrance.close();
    sockets.forEach(this::end);
  }
}

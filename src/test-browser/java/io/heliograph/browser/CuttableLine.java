package io.heliograph.browser;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** A network between browser and server that can fail: it passes bytes on until it is cut. */
final class CuttableLine implements AutoCloseable {

  private final ServerSocket entrance;
  private final int serverPort;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private volatile boolean cut;

  CuttableLine(int serverPort) throws IOException {
    this.serverPort = serverPort;
    entrance = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    Thread.ofVirtual().start(this::accept);
  }

  int port() {
    return entrance.getLocalPort();
  }

  /**
   * Breaks what is open, without a word to either side; what comes is broken too until {@link
   * #mend}.
   */
  void cut() {
    cut = true;
    sockets.forEach(CuttableLine::drop);
  }

  void mend() {
    cut = false;
  }

  @Override
  public void close() throws IOException {
    entrance.close();
    cut();
  }

  private void accept() {
    try {
      while (true) {
        Socket browser = entrance.accept();
        sockets.add(browser);
        if (cut) {
          drop(browser);
        } else {
          Socket server = new Socket(InetAddress.getLoopbackAddress(), serverPort);
          sockets.add(server);
          Thread.ofVirtual().start(() -> pass(browser, server));
          Thread.ofVirtual().start(() -> pass(server, browser));
        }
      }
    } catch (IOException e) {
      // The entrance was closed: the test is over.
    }
  }

  private void pass(Socket from, Socket to) {
    try (InputStream in = from.getInputStream();
        OutputStream out = to.getOutputStream()) {
      in.transferTo(out);
    } catch (IOException e) {
      // Cut; the other direction ends in the same way.
    } finally {
      drop(from);
      drop(to);
    }
  }

  /** A reset rather than a goodbye: that is what a broken network looks like. */
  private static void drop(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException e) {
      // Closed already.
    }
  }
}

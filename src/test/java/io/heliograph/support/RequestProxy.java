package io.heliograph.support;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * A proxy between a browser and a node that fails a chosen request once. It knows just so much of
 * HTTP: requests are distinguished by their heads, and everything passes as it comes.
 */
public final class RequestProxy implements AutoCloseable {

  /** What goes wrong with a request. */
  public enum Failure {
    /** 503 with Retry-After of one second, from the service or a proxy before it. */
    UNAVAILABLE,
    /** An error page of a proxy. */
    BAD_GATEWAY,
    /** The connection is reset before the node gets the request. */
    RESET,
    /** The node answers, and the connection is reset before the browser gets the answer. */
    ANSWER_LOST,
    /** The answer breaks off in the middle of its body. */
    ANSWER_CUT,
    /** The connection swallows the request and stays open. */
    BLACK_HOLE,
    /** The node answers, and the connection swallows the answer and stays open. */
    ANSWER_SWALLOWED
  }

  private final ServerSocket entrance;
  private volatile int server;
  private final Set<Socket> sockets = ConcurrentHashMap.newKeySet();
  private final Map<String, Failure> failuresByRequest = new ConcurrentHashMap<>();
  private final AtomicInteger failed = new AtomicInteger();
  private final List<Link> links = new CopyOnWriteArrayList<>();
  private volatile boolean silent;

  public RequestProxy(int server) {
    this.server = server;
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

  /** New connections go to another node; while there is none, they are reset. */
  public void server(int port) {
    server = port;
  }

  /**
   * @param request how its first line begins, such as {@code POST /v1/logins}
   */
  public void failOnce(String request, Failure failure) {
    failuresByRequest.put(request, failure);
  }

  /** The connections that there are end with a reset on both sides; new ones work. */
  public void cut() {
    List<Socket> ending = List.copyOf(sockets);
    sockets.removeAll(ending);
    ending.forEach(RequestProxy::reset);
  }

  /** The connections that there are never carry anything again and stay open; new ones work. */
  public void forget() {
    links.forEach(link -> link.failure = Failure.BLACK_HOLE);
  }

  /** Nothing passes any more, on new connections either, and none is ended. */
  public void silence() {
    silent = true;
    forget();
  }

  /** New connections work again. */
  public void mend() {
    silent = false;
  }

  /** How many requests were failed. */
  public int failed() {
    return failed.get();
  }

  @Override
  public void close() {
    try {
      entrance.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    sockets.forEach(RequestProxy::reset);
  }

  private void accept() {
    try {
      while (true) {
        Socket browser = entrance.accept();
        Socket node;
        try {
          node = new Socket(InetAddress.getLoopbackAddress(), server);
        } catch (ConnectException e) {
          reset(browser);
          continue;
        }
        sockets.add(browser);
        sockets.add(node);
        Link link = new Link(browser, node);
        links.add(link);
        if (silent) {
          link.failure = Failure.BLACK_HOLE;
        }
        Thread.ofVirtual().start(link::requests);
        Thread.ofVirtual().start(link::answers);
      }
    } catch (IOException e) {
      // The test is over.
    }
  }

  private static void reset(Socket socket) {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException e) {
      // It was closed.
    }
  }

  private final class Link {
    private final Socket browser;
    private final Socket node;
    private volatile @Nullable Failure failure;

    Link(Socket browser, Socket node) {
      this.browser = browser;
      this.node = node;
    }

    /** A browser sends a request's head with one write, and the next one after the answer. */
    void requests() {
      byte[] buffer = new byte[64 * 1024];
      try {
        InputStream in = browser.getInputStream();
        OutputStream out = node.getOutputStream();
        int length;
        while ((length = in.read(buffer)) >= 0) {
          Failure now = failureOf(new String(buffer, 0, length, StandardCharsets.ISO_8859_1));
          if (now != null) {
            failure = now;
            if (now != Failure.ANSWER_LOST
                && now != Failure.ANSWER_CUT
                && now != Failure.ANSWER_SWALLOWED) {
              fail(now);
              continue;
            }
          }
          if (failure != Failure.BLACK_HOLE) {
            out.write(buffer, 0, length);
          }
        }
      } catch (IOException e) {
        // As good as an end.
      }
      reset(browser);
      reset(node);
    }

    private @Nullable Failure failureOf(String text) {
      for (String request : failuresByRequest.keySet()) {
        if (text.startsWith(request)) {
          failed.incrementAndGet();
          return failuresByRequest.remove(request);
        }
      }
      return null;
    }

    @SuppressWarnings("StringConcatToTextBlock") // line ends are CRLF
    private void fail(Failure now) throws IOException {
      switch (now) {
        case UNAVAILABLE ->
            answer(
                "503 Service Unavailable\r\n"
                    + "Retry-After: 1\r\n"
                    + "Content-Type: application/problem+json",
                "{\"type\":\"/problems/store-unavailable\",\"status\":503}");
        case BAD_GATEWAY -> answer("502 Bad Gateway\r\nContent-Type: text/html", "<h1>Oops</h1>");
        case RESET -> {
          reset(browser);
          reset(node);
        }
        default -> {} // Nothing comes back.
      }
    }

    private void answer(String head, String body) throws IOException {
      browser
          .getOutputStream()
          .write(
              ("HTTP/1.1 "
                      + head
                      + "\r\nConnection: close\r\nContent-Length: "
                      + body.length()
                      + "\r\n\r\n"
                      + body)
                  .getBytes(StandardCharsets.ISO_8859_1));
      browser.shutdownOutput();
    }

    void answers() {
      byte[] buffer = new byte[64 * 1024];
      try {
        InputStream in = node.getInputStream();
        OutputStream out = browser.getOutputStream();
        int length;
        while ((length = in.read(buffer)) >= 0) {
          Failure now = failure;
          if (now == null) {
            out.write(buffer, 0, length);
          } else {
            lose(now, buffer, length);
          }
        }
      } catch (IOException e) {
        // As good as an end.
      }
      if (failure != Failure.UNAVAILABLE && failure != Failure.BAD_GATEWAY) {
        reset(browser);
      }
      reset(node);
    }

    private void lose(Failure now, byte[] buffer, int length) throws IOException {
      ByteArrayOutputStream head = new ByteArrayOutputStream();
      switch (now) {
        case ANSWER_LOST -> reset(browser);
        case ANSWER_CUT -> {
          head.write(buffer, 0, length);
          int end = head.toString(StandardCharsets.ISO_8859_1).indexOf("\r\n\r\n") + 4;
          browser.getOutputStream().write(buffer, 0, Math.min(length, end + 5));
          browser.shutdownOutput();
        }
        default -> {}
      }
    }
  }
}

package io.heliograph.support;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.X509TrustManager;

/**
 * A client that sends exactly the bytes that a test gives it, for tests of what no polite client
 * sends.
 */
public final class RawSocket implements AutoCloseable {

  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private final Socket socket;
  private final DataInputStream in;

  private RawSocket(Socket socket) throws IOException {
    this.socket = socket;
    this.in = new DataInputStream(new BufferedInputStream(socket.getInputStream()));
  }

  public static RawSocket connect(int port) {
    return connect(port, InetAddress.getLoopbackAddress().getHostAddress());
  }

  /** From an address of this machine's loopback network, for limits that count addresses. */
  public static RawSocket connect(int port, String from) {
    try {
      var socket =
          new Socket(InetAddress.getLoopbackAddress(), port, InetAddress.getByName(from), 0);
      socket.setSoTimeout((int) PATIENCE.toMillis());
      socket.setTcpNoDelay(true);
      return new RawSocket(socket);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Over TLS, whatever certificate it finds. */
  public static RawSocket connectTls(int port) {
    try {
      SSLContext tls = SSLContext.getInstance("TLS");
      tls.init(null, new TrustManager[] {new AnyCertificate()}, null);
      Socket socket = tls.getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
      socket.setSoTimeout((int) PATIENCE.toMillis());
      socket.setTcpNoDelay(true);
      return new RawSocket(socket);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException(e);
    }
  }

  private static final class AnyCertificate implements X509TrustManager {
    @Override
    public void checkClientTrusted(X509Certificate[] chain, String kind) {}

    @Override
    public void checkServerTrusted(X509Certificate[] chain, String kind) {}

    @Override
    public X509Certificate[] getAcceptedIssuers() {
      return new X509Certificate[0];
    }
  }

  /** Connects and shakes hands. */
  public static RawSocket open(int port, String path) {
    RawSocket raw = connect(port).send(handshake(path));
    String head = raw.readHead();
    if (!head.startsWith("HTTP/1.1 101 ")) {
      throw new IllegalStateException(head);
    }
    return raw;
  }

  /** A good handshake, of which tests replace parts. */
  public static String handshake(String path, String... extraHeaders) {
    var text = new StringBuilder("GET ").append(path).append(" HTTP/1.1\r\n");
    text.append("Host: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n");
    text.append("Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n");
    for (String header : extraHeaders) {
      text.append(header).append("\r\n");
    }
    return text.append("\r\n").toString();
  }

  public RawSocket send(String ascii) {
    return send(ascii.getBytes(StandardCharsets.ISO_8859_1));
  }

  /** Masked, each in a segment of its own. */
  public RawSocket send(RawFrame... frames) {
    for (RawFrame frame : frames) {
      send(frame.masked());
    }
    return this;
  }

  public RawSocket send(byte[] bytes) {
    try {
      socket.getOutputStream().write(bytes);
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  public RawSocket sendByteByByte(byte[] bytes) {
    for (byte one : bytes) {
      send(new byte[] {one});
    }
    return this;
  }

  /** Status line and headers, up to the empty line. */
  public String readHead() {
    var head = new ByteArrayOutputStream();
    try {
      while (!head.toString(StandardCharsets.ISO_8859_1).endsWith("\r\n\r\n")) {
        int next = in.read();
        if (next < 0) {
          break;
        }
        head.write(next);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return head.toString(StandardCharsets.ISO_8859_1);
  }

  /** A response's body of the length that its head says. */
  public String readBody(String head) {
    for (String line : head.split("\r\n")) {
      if (line.toLowerCase(java.util.Locale.ROOT).startsWith("content-length:")) {
        try {
          byte[] body = in.readNBytes(Integer.parseInt(line.substring(15).trim()));
          return new String(body, StandardCharsets.UTF_8);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    }
    return "";
  }

  /** All that still comes until the server closes. */
  public String readRest() {
    try {
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      return "";
    }
  }

  /** The next frame from the server; fails after ten seconds without one. */
  public RawFrame read() {
    try {
      int first = in.readUnsignedByte();
      long length = in.readUnsignedByte();
      if (length == 126) {
        length = in.readUnsignedShort();
      } else if (length == 127) {
        length = in.readLong();
      }
      if (length > 1 << 28) {
        throw new IOException("masked or absurd frame from the server");
      }
      byte[] payload = new byte[(int) length];
      in.readFully(payload);
      return new RawFrame(first, payload);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Has nothing more to send, and reads on. */
  public RawSocket shutOutput() {
    try {
      socket.shutdownOutput();
      return this;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads until this text has come; false: the connection ended before. */
  public boolean readUntil(String text) {
    var read = new ByteArrayOutputStream();
    try {
      while (!read.toString(StandardCharsets.UTF_8).endsWith(text)) {
        int next = in.read();
        if (next < 0) {
          return false;
        }
        read.write(next);
      }
      return true;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Reads what has come, without waiting. */
  public void readAvailable() {
    try {
      in.readNBytes(in.available());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Bytes that have come and were not read. */
  public int available() {
    try {
      return in.available();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Whether the server ends the connection now, in good order or by a reset, without another byte.
   */
  public boolean ends() {
    try {
      return in.read() < 0;
    } catch (SocketTimeoutException e) {
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  /** Whether the server sends FIN now, and no byte or reset before it. */
  public boolean endsInGoodOrder() {
    try {
      return in.read() < 0;
    } catch (IOException e) {
      return false;
    }
  }

  /** Whether nothing comes for so long, neither a byte nor an end. */
  public boolean isQuietFor(Duration time) {
    try {
      socket.setSoTimeout((int) time.toMillis());
      in.read();
      return false;
    } catch (SocketTimeoutException e) {
      return true;
    } catch (IOException e) {
      return false;
    } finally {
      try {
        socket.setSoTimeout((int) PATIENCE.toMillis());
      } catch (IOException e) {
        // It is closed; what is read next says so.
      }
    }
  }

  /** Reads past all other frames; the code of the close. */
  public int readToClose() {
    RawFrame frame = read();
    while (frame.opcode() != RawFrame.CLOSE) {
      frame = read();
    }
    return frame.closeCode();
  }

  /** Ends it without a FIN: what is on its way is lost, and the peer's next write fails. */
  public void reset() {
    try {
      socket.setSoLinger(true, 0);
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Sends FIN, and can still read. */
  public void halfClose() {
    try {
      socket.shutdownOutput();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() {
    try {
      socket.close();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

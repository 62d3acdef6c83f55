package io.heliograph.support;

import java.util.ArrayList;
import java.util.List;

/**
 * A browser that opens tabs, so that tests read like the protocol: {@code
 * browser.connect("alice").resuming(position).receives("a", "b").thenNothing()}.
 */
public final class TestBrowser implements AutoCloseable {

  private final TestBackend backend;
  private final List<TestTab> tabs = new ArrayList<>();

  public TestBrowser(TestBackend backend) {
    this.backend = backend;
  }

  /** Logged in with a token of its own, shown as a page can: among the sub-protocols. */
  public TestTab connect(String user, String... channels) {
    return withToken(backend.token(user, channels));
  }

  public TestTab withToken(String token) {
    return open("Sec-WebSocket-Protocol: heliograph.v1.json, bearer." + LogScan.secret(token));
  }

  public TestTab connectAnonymously() {
    return open("Sec-WebSocket-Protocol: heliograph.v1.json");
  }

  /** Connects and waits for the welcome. */
  public TestTab open(String... headers) {
    return openFrom("127.0.0.1", headers);
  }

  public TestTab openFrom(String address, String... headers) {
    RawSocket line = RawSocket.connect(backend.port(), address);
    String head = shakeHands(line, headers);
    if (!head.startsWith("HTTP/1.1 101 ")) {
      line.close();
      throw new AssertionError(head);
    }
    TestTab tab = new TestTab(line);
    tabs.add(tab);
    return tab.welcomed();
  }

  /** The status that a handshake is refused with. */
  public int refused(String... headers) {
    return refusedFrom("127.0.0.1", headers);
  }

  public int refusedFrom(String address, String... headers) {
    try (RawSocket line = RawSocket.connect(backend.port(), address)) {
      return Integer.parseInt(shakeHands(line, headers).substring(9, 12));
    }
  }

  private static String shakeHands(RawSocket line, String... headers) {
    List<String> all = new ArrayList<>(List.of(headers));
    if (all.stream().noneMatch(header -> header.startsWith("Origin:"))) {
      all.add("Origin: http://localhost");
    }
    return line.send(RawSocket.handshake("/ws", all.toArray(String[]::new))).readHead();
  }

  /** Cuts what is still open. */
  @Override
  public void close() {
    tabs.forEach(TestTab::cut);
    tabs.clear();
  }
}

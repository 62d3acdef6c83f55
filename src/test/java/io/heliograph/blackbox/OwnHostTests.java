package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.support.RawSocket;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.test.context.TestPropertySource;

/**
 * The risk (DNS rebinding): a page of a name that leads to this server's address is of the server's
 * own origin, as far as origins can show.
 */
@TestPropertySource(properties = "heliograph.server.hosts=push.example.com,[::1],localhost")
class OwnHostTests extends BlackBox {

  private String head(String line, String host, String... headers) {
    try (RawSocket caller = RawSocket.connect(port)) {
      return caller
          .send(
              RawSocket.handshake("/ws", headers)
                  .replace("GET /ws", line)
                  .replace("Host: localhost", "Host: " + host))
          .readHead();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"evil.example", "127.0.0.1", "push.example.com.evil.example", "[::2]"})
  void whatIsMeantForAnotherHostIsRefused(String host) {
    assertThat(head("GET /ws", host, "Origin: http://" + host)).startsWith("HTTP/1.1 421 ");
    for (String path :
        new String[] {"/", "/heliograph.js", "/v1/logins/demonstration", "/v1/channels/everyone"}) {
      String line = "GET " + path;
      assertThat(plain(line, host)).as(line).startsWith("HTTP/1.1 421 ");
    }
    assertThat(plain("GET /livez", host)).startsWith("HTTP/1.1 200 ");
  }

  private String plain(String line, String host) {
    try (RawSocket caller = RawSocket.connect(port)) {
      return caller.send(line + " HTTP/1.1\r\nHost: " + host + "\r\n\r\n").readHead();
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"push.example.com", "PUSH.example.com:8080", "push.example.com.", "[0:0::1]:9"})
  void whatIsMeantForThisOneIsServed(String host) {
    assertThat(head("GET /ws", host, "Origin: http://" + host)).startsWith("HTTP/1.1 101 ");
    assertThat(plain("GET /heliograph.js", host)).startsWith("HTTP/1.1 200 ");
  }
}

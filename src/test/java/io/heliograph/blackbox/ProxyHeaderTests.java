package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.hub.HubParts;
import io.heliograph.session.Session;
import io.heliograph.support.RawSocket;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Nested;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;
import org.springframework.boot.test.context.SpringBootTest.WebEnvironment;
import org.springframework.boot.test.web.server.LocalServerPort;
import org.springframework.test.context.TestPropertySource;

/**
 * The risk: behind a proxy a page is taken for one of another origin, or a caller for another one.
 * Each row has the headers that a proxy sends by its documentation, and is tried by every way in.
 */
class ProxyHeaderTests {

  private static final String KEY = "Yt5wQ8nZr2Lk7VxJ4mCs9PbH3dGf6Ea1";
  private static final String CHALLENGE = "V".repeat(43);
  private static final Pattern TICKET = Pattern.compile("\"ticket\":\"([^\"]+)\"");
  private static final Pattern IP = Pattern.compile("\"ip\":\"([^\"]+)\"");

  /**
   * @param origin of the page as its browser sees it
   * @param address of the browser; null: the connection's own
   */
  record Row(String name, String origin, String address, List<String> headers) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static Row row(String name, String origin, String address, String... headers) {
    return new Row(name, origin, address, List.of(headers));
  }

  private static final String SITE = "https://app.example.com";
  private static final String CLIENT = "203.0.113.9";

  static Stream<Row> oneProxy() {
    return Stream.of(
        row(
            "ingress-nginx",
            SITE,
            CLIENT,
            "Host: app.example.com",
            "X-Request-ID: 5b6c",
            "X-Real-IP: 203.0.113.9",
            "X-Forwarded-For: 203.0.113.9",
            "X-Forwarded-Host: app.example.com",
            "X-Forwarded-Port: 443",
            "X-Forwarded-Proto: https",
            "X-Forwarded-Scheme: https",
            "X-Scheme: https"),
        row(
            "nginx, $proxy_add_x_forwarded_for behind a caller that lies",
            SITE,
            CLIENT,
            "Host: app.example.com",
            "X-Forwarded-For: 127.0.0.1, 198.51.100.66, 203.0.113.9",
            "X-Forwarded-Proto: https"),
        row(
            "nginx, $host loses the port",
            "https://app.example.com:8443",
            CLIENT,
            "Host: app.example.com",
            "X-Forwarded-For: 203.0.113.9",
            "X-Forwarded-Proto: https",
            "X-Forwarded-Port: 8443"),
        row(
            "Traefik, socket over TLS",
            SITE,
            CLIENT,
            "Host: app.example.com",
            "X-Forwarded-For: 203.0.113.9",
            "X-Forwarded-Host: app.example.com",
            "X-Forwarded-Port: 443",
            "X-Forwarded-Proto: wss",
            "X-Forwarded-Server: traefik-7f9c",
            "X-Real-Ip: 203.0.113.9"),
        row(
            "Traefik, socket without TLS",
            "http://app.example.com",
            CLIENT,
            "Host: app.example.com",
            "X-Forwarded-For: 203.0.113.9",
            "X-Forwarded-Host: app.example.com",
            "X-Forwarded-Port: 80",
            "X-Forwarded-Proto: ws"),
        row(
            "Traefik, another port",
            "https://app.example.com:8443",
            CLIENT,
            "Host: app.example.com:8443",
            "X-Forwarded-For: 203.0.113.9",
            "X-Forwarded-Host: app.example.com:8443",
            "X-Forwarded-Port: 8443",
            "X-Forwarded-Proto: wss"),
        row(
            "Envoy",
            SITE,
            CLIENT,
            "Host: app.example.com",
            "x-forwarded-for: 203.0.113.9",
            "x-forwarded-proto: https",
            "x-envoy-external-address: 203.0.113.9",
            "x-request-id: 3f5e"),
        row(
            "HAProxy, option forwardfor",
            SITE,
            CLIENT,
            "Host: app.example.com:443",
            "X-Forwarded-For: 198.51.100.66",
            "X-Forwarded-For: 203.0.113.9",
            "X-Forwarded-Proto: https"),
        row(
            "HAProxy, option forwarded",
            SITE,
            CLIENT,
            "Host: app.example.com",
            "Forwarded: proto=https;for=203.0.113.9"),
        row(
            "HAProxy, option forwarded proto host for, IPv6",
            SITE,
            "2001:db8::9",
            "Host: backend",
            "forwarded: proto=https;host=\"app.example.com\";for=\"[2001:DB8::9]:5000\""),
        row(
            "Forwarded of two hops, the first a lie",
            SITE,
            CLIENT,
            "Host: app.example.com",
            "Forwarded: for=198.51.100.66;proto=http,for=203.0.113.9;proto=https"),
        row(
            "Caddy",
            SITE,
            CLIENT,
            "Host: app.example.com",
            "X-Forwarded-For: 203.0.113.9",
            "X-Forwarded-Proto: https",
            "X-Forwarded-Host: app.example.com",
            "Via: 1.1 Caddy"),
        row(
            "AWS ALB",
            SITE,
            CLIENT,
            "Host: app.example.com",
            "X-Forwarded-For: 203.0.113.9",
            "X-Forwarded-Proto: https",
            "X-Forwarded-Port: 443",
            "X-Amzn-Trace-Id: Root=1-67891233-abcdef012345678912345678"),
        row(
            "AWS ALB, client port preserved",
            SITE,
            CLIENT,
            "Host: app.example.com",
            "X-Forwarded-For: 203.0.113.9:47526",
            "X-Forwarded-Proto: https",
            "X-Forwarded-Port: 443"),
        row(
            "AWS ALB, IPv6 and client port",
            SITE,
            "2001:db8:85a3::8a2e:370:7334",
            "Host: app.example.com",
            "X-Forwarded-For: [2001:db8:85a3:0:0:8a2e:370:7334]:47526",
            "X-Forwarded-Proto: https",
            "X-Forwarded-Port: 443"),
        row(
            "Azure Application Gateway",
            SITE,
            CLIENT,
            "Host: app.example.com",
            "X-Forwarded-For: 203.0.113.9:51234",
            "X-Forwarded-Proto: https",
            "X-Forwarded-Port: 443",
            "X-Original-Host: app.example.com",
            "X-Original-URL: /",
            "X-AppGW-Trace-Id: 9d1d"),
        row(
            "Azure Front Door",
            SITE,
            CLIENT,
            "Host: origin.azurewebsites.net",
            "Via: 1.1 Azure",
            "X-Azure-ClientIP: 203.0.113.9",
            "X-Azure-SocketIP: 203.0.113.9",
            "X-Forwarded-For: 203.0.113.9",
            "X-Forwarded-Host: app.example.com",
            "X-Forwarded-Proto: https",
            "X-Azure-FDID: 55ce4ed1"),
        row(
            "a hop behind the one that ended TLS says port 80",
            SITE,
            CLIENT,
            "Host: app.example.com",
            "X-Forwarded-For: ::ffff:203.0.113.9",
            "X-Forwarded-Proto: https",
            "X-Forwarded-Port: 80"),
        row(
            "any case",
            "HTTPS://App.Example.com:443",
            CLIENT,
            "Host: APP.example.com",
            "x-FORWARDED-for: 203.0.113.9",
            "X-Forwarded-Proto: HTTPS"),
        row(
            "a caller's Forwarded goes through a proxy that writes the others",
            SITE,
            CLIENT,
            "Host: app.example.com",
            "Forwarded: for=127.0.0.1;host=evil.example",
            "X-Forwarded-For: 203.0.113.9",
            "X-Forwarded-Proto: https"),
        garbage("X-Forwarded-For: unknown"),
        garbage("X-Forwarded-For: _hidden"),
        garbage("X-Forwarded-For: no-such-host.invalid"),
        row(
            "an empty entry is none",
            "http://app.example.com",
            CLIENT,
            "Host: app.example.com",
            "X-Forwarded-For: 203.0.113.9, "),
        garbage("X-Forwarded-For: 203.0.113.999"),
        garbage("X-Forwarded-For: 1"),
        garbage("X-Forwarded-For: [::1"),
        garbage("X-Forwarded-For: :::::"),
        garbage("X-Forwarded-For: 203.0.113.9:port"),
        garbage("X-Forwarded-For: " + "9".repeat(5_000)),
        garbage("X-Forwarded-Host: a b"),
        garbage("X-Forwarded-Host: evil/../"),
        garbage("X-Forwarded-Host: ,"),
        garbage("X-Forwarded-Host: x:99999"),
        garbage("X-Forwarded-Proto: gopher"),
        garbage("X-Forwarded-Proto: https://"),
        garbage("X-Forwarded-Port: nonsense"),
        garbage("X-Forwarded-Port: -1"),
        garbage("X-Forwarded-Port: 99999999999"),
        garbage("Forwarded: for="),
        garbage("Forwarded: for=unknown"),
        garbage("Forwarded: for=\"_gazonk\""),
        garbage("Forwarded: for=203.0.113.9;;;=,"),
        garbage("Forwarded: for=\"" + "\\\"".repeat(3_000)));
  }

  private static Row garbage(String header) {
    String shown = header.substring(0, Math.min(60, header.length()));
    return row(shown, "http://app.example.com", null, "Host: app.example.com", header);
  }

  static Stream<Row> twoProxies() {
    return Stream.of(
        row(
            "Google Cloud load balancer",
            SITE,
            CLIENT,
            "Host: app.example.com",
            "X-Forwarded-For: 203.0.113.9,34.110.1.2",
            "X-Forwarded-Proto: https",
            "Via: 1.1 google",
            "X-Cloud-Trace-Context: 105445aa/1;o=1"),
        row(
            "Google Cloud load balancer, a caller that lies",
            SITE,
            CLIENT,
            "Host: app.example.com",
            "X-Forwarded-For: 127.0.0.1,10.0.0.1,203.0.113.9,34.110.1.2",
            "X-Forwarded-Proto: https",
            "Via: 1.1 google"),
        row(
            "two that append",
            SITE,
            CLIENT,
            "Host: app.example.com",
            "X-Forwarded-For: 203.0.113.9, 10.0.0.7",
            "X-Forwarded-Proto: https, http"),
        row(
            "past the first proxy",
            SITE,
            CLIENT,
            "Host: app.example.com",
            "X-Forwarded-For: 203.0.113.9",
            "X-Forwarded-Proto: https"),
        row(
            "the first hid the caller",
            SITE,
            "10.0.0.7",
            "Host: app.example.com",
            "X-Forwarded-For: unknown, 10.0.0.7",
            "X-Forwarded-Proto: https"));
  }

  @SpringBootTest(
      webEnvironment = WebEnvironment.RANDOM_PORT,
      properties = {
        "management.server.port=0",
        "heliograph.security.api-key=" + KEY,
        "heliograph.login.limits.per-address=100000",
        "heliograph.login.limits.open-per-browser=100000",
        "heliograph.login.limits.scans-per-subject=100000"
      })
  abstract static class WaysIn {

    @LocalServerPort int port;
    @Autowired HubParts parts;

    void isOwnAndKnown(Row row) {
      String address = row.address == null ? "127.0.0.1" : row.address;
      socketOpens(row, address);
      assertThat(send("POST /v1/logins", row, row.origin, "{\"challenge\":\"" + CHALLENGE + "\"}"))
          .startsWith("HTTP/1.1 201 ");
      assertThat(addressOfLogin(row)).isEqualTo(address);
      String preflight = "Access-Control-Request-Method: POST";
      assertThat(send("OPTIONS /v1/logins", row, row.origin, "", preflight))
          .startsWith("HTTP/1.1 204 ")
          .contains("Access-Control-Allow-Origin: " + row.origin);
      assertThat(send("GET /heliograph.js", row, row.origin, ""))
          .contains("Access-Control-Allow-Origin: " + row.origin);
    }

    void anotherSiteIsForeign(Row row) {
      for (String foreign :
          List.of("https://evil.example", "https://app.example.com.evil.example", "null")) {
        assertThat(send("GET /ws", row, foreign, "", SOCKET)).startsWith("HTTP/1.1 403 ");
        assertThat(send("POST /v1/logins", row, foreign, "{\"challenge\":\"" + CHALLENGE + "\"}"))
            .startsWith("HTTP/1.1 403 ");
        assertThat(
                send("OPTIONS /v1/logins", row, foreign, "", "Access-Control-Request-Method: POST"))
            .startsWith("HTTP/1.1 403 ")
            .doesNotContain("Access-Control-Allow");
        assertThat(send("GET /heliograph.js", row, foreign, ""))
            .startsWith("HTTP/1.1 200 ")
            .contains("Vary: Origin")
            .doesNotContain("Access-Control-Allow");
      }
    }

    private static final String SOCKET =
        "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            + "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==";

    private void socketOpens(Row row, String address) {
      try (RawSocket socket = RawSocket.connect(port)) {
        socket.send(request("GET /ws", row, row.origin, "", SOCKET));
        assertThat(socket.readHead()).startsWith("HTTP/1.1 101 ");
        String network =
            address.contains(":")
                ? address.replaceAll("^(2001:db8)(:85a3)?:.*", "$1$2::/64")
                : address;
        await()
            .untilAsserted(
                () ->
                    assertThat(parts.registry().sessions())
                        .extracting(Session::transport)
                        .extracting(io.heliograph.session.Transport::remoteAddress)
                        .contains(network));
      }
      await().until(() -> parts.registry().size() == 0);
    }

    /** The confirm page shows where the browser is. */
    private String addressOfLogin(Row row) {
      String created =
          send("POST /v1/logins", row, row.origin, "{\"challenge\":\"" + CHALLENGE + "\"}");
      Matcher ticket = TICKET.matcher(created);
      assertThat(ticket.find()).as(created).isTrue();
      String scanned =
          send(
              "POST /v1/logins/" + ticket.group(1) + "/scan",
              row("the backend", "", null, "Host: localhost"),
              null,
              "{\"subject\":\"alice\"}",
              "Authorization: Bearer " + KEY);
      Matcher ip = IP.matcher(scanned);
      assertThat(ip.find()).as(scanned).isTrue();
      return ip.group(1);
    }

    private String send(String line, Row row, String origin, String body, String... more) {
      try (RawSocket socket = RawSocket.connect(port)) {
        socket.send(request(line, row, origin, body, more));
        String head = socket.readHead();
        return line.startsWith("GET") ? head : head + socket.readRest();
      }
    }

    private static String request(
        String line, Row row, String origin, String body, String... more) {
      List<String> head = new ArrayList<>(List.of(line + " HTTP/1.1"));
      head.addAll(row.headers);
      if (origin != null) {
        head.add("Origin: " + origin);
      }
      if (!body.isEmpty()) {
        head.add("Content-Type: application/json");
        head.add("Content-Length: " + body.length());
      }
      head.addAll(List.of(more));
      if (!head.contains(SOCKET)) {
        head.add("Connection: close");
      }
      return String.join("\r\n", head) + "\r\n\r\n" + body;
    }
  }

  /** As installations have it that were set up before there was a number of proxies. */
  @Nested
  @TestPropertySource(properties = "server.forward-headers-strategy=native")
  class BehindOne extends WaysIn {

    @ParameterizedTest
    @MethodSource("io.heliograph.blackbox.ProxyHeaderTests#oneProxy")
    void thePageIsOwnAndItsBrowserKnown(Row row) {
      isOwnAndKnown(row);
    }

    @ParameterizedTest
    @MethodSource("io.heliograph.blackbox.ProxyHeaderTests#oneProxy")
    void aPageOfAnotherSiteIsForeign(Row row) {
      anotherSiteIsForeign(row);
    }
  }

  @Nested
  @TestPropertySource(properties = "heliograph.server.trusted-proxies=2")
  class BehindTwo extends WaysIn {

    @ParameterizedTest
    @MethodSource("io.heliograph.blackbox.ProxyHeaderTests#twoProxies")
    void thePageIsOwnAndItsBrowserKnown(Row row) {
      isOwnAndKnown(row);
    }
  }
}

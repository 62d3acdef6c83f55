package io.heliograph.webhook;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliograph.settings.RefusedSettingException;
import io.heliograph.support.StandInBackend;
import io.heliograph.webhook.WebhookResult.Answer;
import io.heliograph.webhook.WebhookResult.Failure;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.eclipse.jetty.io.ClientConnector;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The risk: a configured host name leads to an address of the internal network. The test resolves
 * the names; all connections go to loopback, whatever the address.
 */
class AddressGuardTests {

  private static final byte[] BODY = "{}".getBytes(UTF_8);
  private static final String PUBLIC = "93.184.215.14";

  private final StandInBackend backend = new StandInBackend();
  private final Map<String, List<String>> names = new ConcurrentHashMap<>();
  private final Map<String, CountDownLatch> hanging = new ConcurrentHashMap<>();
  private final List<SocketAddress> connected = new CopyOnWriteArrayList<>();

  private final ClientConnector connector =
      new ClientConnector() {
        @Override
        public void connect(SocketAddress address, Map<String, Object> context) {
          connected.add(address);
          super.connect(
              new InetSocketAddress(InetAddress.getLoopbackAddress(), backend.port()), context);
        }
      };

  private final WebhookClient client =
      new WebhookClient(new AddressGuard(this::resolve, Set.of("inside.test")), connector, 4);

  private InetAddress[] resolve(String host) throws UnknownHostException {
    CountDownLatch hangs = hanging.get(host);
    if (hangs != null) {
      try {
        hangs.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    List<String> addresses = names.get(host);
    if (addresses == null) {
      throw new UnknownHostException(host);
    }
    return addresses.stream().map(InetAddress::ofLiteral).toArray(InetAddress[]::new);
  }

  @AfterEach
  void close() {
    client.close();
    backend.close();
  }

  private WebhookResult post(String host) {
    return client
        .post(
            new WebhookUrl(URI.create("http://" + host + ":8080/hook"), false),
            Map.of(),
            BODY,
            Duration.ofSeconds(20),
            1024)
        .orTimeout(30, TimeUnit.SECONDS)
        .join();
  }

  @Test
  void aPublicAddressIsAllowed() {
    names.put("shop.test", List.of(PUBLIC, "2606:2800:21f:cb07:6820:80da:af6b:8b2c"));
    assertThat(post("shop.test")).isInstanceOf(Answer.class);
    assertThat(connected).containsExactly(new InetSocketAddress(PUBLIC, 8080));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "10.255.255.255",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "127.255.255.254",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.170",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "239.255.255.250",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "64:ff9b::7f00:1",
        "64:ff9b:1::a00:1",
        "100::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::1",
        "3fff::1",
        "fc00::1",
        "fd12:3456::1",
        "fe80::1",
        "fec0::1",
        "ff02::1"
      })
  void anInternalAddressIsRefusedEvenNextToAPublicOne(String address) {
    names.put("alone.test", List.of(address));
    names.put("behind.test", List.of(PUBLIC, address));
    assertThat(post("alone.test")).isEqualTo(Failure.INTERNAL_ADDRESS);
    assertThat(post("behind.test")).isEqualTo(Failure.INTERNAL_ADDRESS);
    assertThat(connected).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "9.255.255.255",
        "11.0.0.0",
        "100.63.255.255",
        "100.128.0.0",
        "172.15.255.255",
        "172.32.0.0",
        "192.167.255.255",
        "198.17.255.255",
        "198.20.0.0",
        "223.255.255.255",
        "2001:200::1",
        "2a00:1450::1",
        "3ffe::1"
      })
  void addressesNextToInternalBlocksAreAllowed(String address) {
    assertThat(PublicAddresses.contain(InetAddress.ofLiteral(address))).isTrue();
  }

  @Test
  void aNameIsCheckedAgainForEachConnection() {
    backend.on(
        "", StandInBackend.hangingUpAfter("HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n"));
    names.put("rebinding.test", List.of(PUBLIC));
    assertThat(post("rebinding.test")).isInstanceOf(Answer.class);
    names.put("rebinding.test", List.of("127.0.0.1"));
    assertThat(post("rebinding.test")).isEqualTo(Failure.INTERNAL_ADDRESS);
    assertThat(connected).hasSize(1);
  }

  @ParameterizedTest
  @ValueSource(ints = {301, 302, 303, 307, 308})
  void redirectsAreNotFollowed(int status) {
    names.put("shop.test", List.of(PUBLIC));
    names.put("inside.test", List.of("127.0.0.1"));
    backend.on(
        "",
        (_, out) ->
            StandInBackend.raw(
                out,
                "HTTP/1.1 %d Elsewhere\r\nLocation: http://inside.test:8080/\r\nContent-Length: 0\r\n\r\n"
                    .formatted(status)));
    assertThat(post("shop.test"))
        .isInstanceOfSatisfying(
            Answer.class, answer -> assertThat(answer.status()).isEqualTo(status));
    assertThat(backend.received()).hasSize(1);
    assertThat(connected).hasSize(1);
  }

  @Test
  void anInternalAddressOfAnAllowedHostIsAllowed() {
    names.put("inside.test", List.of("10.0.0.7"));
    names.put("INSIDE.test", List.of("10.0.0.7"));
    assertThat(post("inside.test")).isInstanceOf(Answer.class);
    assertThat(post("INSIDE.test")).isInstanceOf(Answer.class);
    names.put("not.inside.test", List.of("10.0.0.7"));
    assertThat(post("not.inside.test")).isEqualTo(Failure.INTERNAL_ADDRESS);
  }

  @Test
  void aNameWithoutAddressIsUnreachable() {
    assertThat(post("nowhere.test")).isEqualTo(Failure.UNREACHABLE);
    assertThat(connected).isEmpty();
  }

  @Test
  void aDnsServerThatDoesNotAnswerDelaysARequestUntilItsDeadlineOnly() {
    CountDownLatch answer = new CountDownLatch(1);
    hanging.put("hanging.test", answer);
    CompletableFuture<WebhookResult> request =
        client.post(
            new WebhookUrl(URI.create("http://hanging.test:8080/"), false),
            Map.of(),
            BODY,
            Duration.ofMillis(200),
            1024);
    assertThat(request.orTimeout(30, TimeUnit.SECONDS).join()).isEqualTo(Failure.TIMEOUT);
    answer.countDown();
    assertThat(connected).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "http://shop.test/",
        "https://0177.0.0.1/",
        "https://0x7f.1/",
        "https://0x7f000001/",
        "https://2130706433/",
        "https://127.1/",
        "https://127.0.0.1./",
        "https://shop.test.0x/",
        "https://127.0.0.1/",
        "https://169.254.169.254/latest/meta-data/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://[64:ff9b::7f00:1]/",
        "https://user@shop.test/",
        "https://user:pass@shop.test/",
        "https://shop.test@inside.test/",
        "https://shop.test/#fragment",
        "https:///path",
        "https:shop.test",
        "ftp://shop.test/",
        "file:///etc/passwd",
        "gopher://inside.test/",
        "//shop.test/",
        "shop.test",
        "https://sh op.test/",
        ""
      })
  void anAmbiguousUrlStopsTheStart(String url) {
    assertThatThrownBy(
            () -> WebhookUrl.parse("heliograph.upstream.url", url, Set.of("inside.test")))
        .isInstanceOf(RefusedSettingException.class)
        .hasMessageStartingWith("heliograph.upstream.url ")
        .message()
        .doesNotContain("pass@", "shop.test");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "https://shop.test/hook?tenant=7",
        "https://shop.test:8443",
        "http://inside.test/",
        "https://93.184.215.14/",
        "https://[2606:2800:21f:cb07:6820:80da:af6b:8b2c]/",
        "https://a1.b2.test3/"
      })
  void anUnambiguousUrlIsAccepted(String url) {
    assertThat(WebhookUrl.parse("x", url, Set.of("inside.test")).uri()).hasToString(url);
  }
}

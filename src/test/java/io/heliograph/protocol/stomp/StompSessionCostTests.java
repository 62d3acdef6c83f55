package io.heliograph.protocol.stomp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.client.Caller;
import io.heliograph.client.ClientContext;
import io.heliograph.hub.HubParts;
import io.heliograph.protocol.v1.Codecs;
import io.heliograph.protocol.v1.Conversations;
import io.heliograph.session.CloseReason;
import io.heliograph.session.Encoding;
import io.heliograph.session.Liveness;
import io.heliograph.session.TransportInfo;
import io.heliograph.support.IdleTransport;
import io.heliograph.transport.websocket.WebSocketFraming;
import io.heliograph.transport.websocket.WebSocketListener;
import io.heliograph.web.ClientAddress;
import io.heliograph.web.OriginPolicy;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;
import org.springframework.boot.test.context.SpringBootTest;

/** What an idle STOMP session costs in live heap beyond a native one, without their sockets. */
@SpringBootTest(
    webEnvironment = SpringBootTest.WebEnvironment.RANDOM_PORT,
    properties = "management.server.port=0")
class StompSessionCostTests {

  /** Raise it only together with a reason. Object headers are the usual ones here. */
  private static final int MOST_BYTES_MORE = 150;

  private static final int SESSIONS = 10_000;
  private static final int ROUNDS = 5;

  private static final TransportInfo INFO = new TransportInfo("cost", "cost", Liveness.PING, false);

  @Autowired ClientContext clients;
  @Autowired StompContext context;
  @Autowired HubParts parts;

  /** Takes everything at once, and is as small as can be. */
  private record IdleSocket(String remoteAddress, Encoding encoding) implements IdleTransport {

    @Override
    public TransportInfo info() {
      return INFO;
    }
  }

  private final List<WebSocketListener> open = new ArrayList<>();
  private int addresses;

  private String address() {
    int number = addresses++;
    return "10." + (number >> 16 & 0xff) + "." + (number >> 8 & 0xff) + "." + (number & 0xff);
  }

  private WebSocketListener nativeOne(Encoding encoding) {
    WebSocketListener listener = Conversations.anonymous(clients);
    listener.onOpen(new IdleSocket(address(), encoding));
    return listener;
  }

  private WebSocketListener stompOne() {
    String address = address();
    var listener =
        new StompConnection(
            context,
            new Caller(
                Objects.requireNonNull(ClientAddress.parse(address)),
                OriginPolicy.Verdict.OWN,
                null));
    listener.onOpen(
        new IdleSocket(address, context.encoding(StompVersion.V1_2, WebSocketFraming.TEXT)));
    listener.onText("CONNECT\naccept-version:1.2\n\n\0");
    return listener;
  }

  @Test
  void anIdleStompSessionCostsLittleMoreThanANativeOne() {
    var json = new Encoding(Codecs.json(), WebSocketFraming.TEXT);
    // What all share grows to its size first, and is there for both.
    bytesEach(this::stompOne);
    bytesEach(() -> nativeOne(json));
    long[] more = new long[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      long natively = bytesEach(() -> nativeOne(json));
      more[round] = bytesEach(this::stompOne) - natively;
    }
    // What else lives in this JVM grows and goes meanwhile: so the middle counts.
    Arrays.sort(more);
    assertThat(more[ROUNDS / 2])
        .as("bytes of live heap more, of %s", Arrays.toString(more))
        .isBetween(1L, (long) MOST_BYTES_MORE);
  }

  /** Opens many and closes them again. */
  private long bytesEach(Supplier<WebSocketListener> opener) {
    int already = parts.registry().size();
    addresses = 0;
    long before = liveHeap();
    for (int i = 0; i < SESSIONS; i++) {
      open.add(opener.get());
    }
    await().until(() -> parts.registry().size() == already + SESSIONS);
    long after = liveHeap();
    open.forEach(listener -> listener.onClosed(CloseReason.GONE, 1006));
    open.clear();
    assertThat(parts.registry().size()).isEqualTo(already);
    return (after - before) / SESSIONS;
  }

  private static long liveHeap() {
    System.gc();
    System.gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}

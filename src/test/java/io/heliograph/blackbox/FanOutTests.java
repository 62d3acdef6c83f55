package io.heliograph.blackbox;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.hub.ChannelRight;
import io.heliograph.hub.HubParts;
import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.session.CloseReason;
import io.heliograph.session.Encoding;
import io.heliograph.session.Framing;
import io.heliograph.session.Identity;
import io.heliograph.session.Liveness;
import io.heliograph.session.Payload;
import io.heliograph.session.ServerEvent;
import io.heliograph.session.Session;
import io.heliograph.session.TransportInfo;
import io.heliograph.support.IdleTransport;
import io.heliograph.support.TestTab;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.beans.factory.annotation.Autowired;

/**
 * The risk: many subscribers are served in part, out of order, or not at all. Their transports are
 * in memory, the rest is real.
 */
class FanOutTests extends BlackBox {

  private static final int SUBSCRIBERS = 10_000;

  @Autowired HubParts parts;

  private final Channel topic = Channel.parse("topic:" + fresh("many"));
  private final List<CountingTransport> transports = new ArrayList<>(SUBSCRIBERS);
  private final List<Session> sessions = new ArrayList<>(SUBSCRIBERS);

  @BeforeEach
  void gather() {
    Identity identity = new Identity(null, Set.of(topic), null);
    for (int i = 0; i < SUBSCRIBERS; i++) {
      var transport = new CountingTransport();
      Session session = parts.hub().connect(transport, identity);
      parts.subscriptions().subscribe(session, "1", topic, null, ChannelRight.OWN);
      transports.add(transport);
      sessions.add(session);
    }
  }

  @AfterEach
  void disperse() {
    sessions.forEach(session -> parts.hub().disconnect(session, CloseReason.GONE));
    assertThat(parts.registry().subscriberCount(topic)).isZero();
  }

  @Test
  void fiftyMessagesReachTenThousandSubscribersInOrder() {
    for (int i = 1; i <= 50; i++) {
      parts.publisher().publish(topic, Draft.of("tick", Integer.toString(i), Instant.now())).join();
    }
    await().untilAsserted(() -> assertThat(transports).allMatch(each -> each.last == 50));
    assertThat(transports).allMatch(each -> each.inOrder && each.count == 50);
  }

  @Test
  void aMessageToEveryoneReachesEveryone() {
    var tab = browser.connectAnonymously();
    backend.post("/v1/channels/everyone/messages", "{\"data\":1}");
    tab.receives("1").thenNothing();
    await().untilAsserted(() -> assertThat(transports).allMatch(each -> each.count == 1));
  }

  @Test
  void whatAHundredClientsPublishReachesTenThousandSubscribersInOrder() {
    List<TestTab> writers = new ArrayList<>();
    for (int i = 0; i < 100; i++) {
      writers.add(browser.withToken(backend.sender(fresh("writer"), topic.text())));
    }
    String frame =
        "{\"type\":\"publish\",\"id\":1,\"channel\":\"%s\",\"data\":1}".formatted(topic.text());
    for (int round = 0; round < 2; round++) {
      writers.forEach(writer -> writer.send(frame));
    }
    writers.forEach(
        writer -> {
          writer.next("published");
          writer.next("published");
        });
    await().untilAsserted(() -> assertThat(transports).allMatch(each -> each.last == 200));
    assertThat(transports).allMatch(each -> each.inOrder && each.count == 200);
  }

  private static final class CountingTransport implements IdleTransport {

    private static final Encoding NUMBERS =
        new Encoding(
            event ->
                event instanceof ServerEvent.Delivery delivery
                    ? Payload.of(Long.toString(delivery.message().position().offset()))
                    : Payload.NOTHING,
            Framing.NONE);

    private static final TransportInfo INFO =
        new TransportInfo("counting", "numbers", Liveness.PING, false);

    // Written by one thread at a time, as a session promises.
    volatile int last;
    volatile int count;
    volatile boolean inOrder = true;

    @Override
    public TransportInfo info() {
      return INFO;
    }

    @Override
    public Encoding encoding() {
      return NUMBERS;
    }

    @Override
    @SuppressWarnings("NonAtomicVolatileUpdate")
    public void write(ByteBuffer[] frames, WriteCallback done) {
      for (ByteBuffer frame : frames) {
        String text = StandardCharsets.US_ASCII.decode(frame).toString();
        if (!text.isEmpty()) {
          int number = Integer.parseInt(text);
          inOrder &= number == last + 1;
          last = number;
          count++;
        }
      }
      done.written(null);
    }
  }
}

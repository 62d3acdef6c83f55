package io.heliograph.bench.million;

import io.heliograph.broker.LogProperties;
import io.heliograph.broker.memory.MemoryBrokers;
import io.heliograph.hub.ChannelRight;
import io.heliograph.hub.HubParts;
import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.protocol.v1.Codecs;
import io.heliograph.session.CloseReason;
import io.heliograph.session.Encoding;
import io.heliograph.session.Identity;
import io.heliograph.session.Session;
import io.heliograph.session.SessionProperties;
import io.heliograph.transport.websocket.WebSocketFraming;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.springframework.util.unit.DataSize;

/**
 * A whole node without sockets and without a server around it. Its sessions follow three channels:
 * their own, {@code everyone} and a topic; each comes from an address of its own.
 */
public final class SimulatedNode implements AutoCloseable {

  private static final Channel TOPIC = new Channel.Topic("news");
  private static final Duration HEARTBEAT = Duration.ofSeconds(25);

  private final AtomicLong ahead = new AtomicLong();
  private final HubParts parts;
  private final SimulatedBrowser.Lines lines =
      new SimulatedBrowser.Lines(new Encoding(Codecs.json(), WebSocketFraming.TEXT));
  private final List<Session> sessions = new ArrayList<>();
  private int addresses;

  public SimulatedNode(int workers) {
    Clock clock = Clock.systemUTC();
    var logs =
        new LogProperties(
            1000, DataSize.ofMegabytes(1), Duration.ofHours(1), DataSize.ofMegabytes(256));
    var properties =
        new SessionProperties(
            HEARTBEAT,
            Duration.ofDays(365),
            Duration.ofSeconds(10),
            DataSize.ofMegabytes(1),
            64,
            20,
            32,
            20_000,
            10_000_000);
    parts =
        new HubParts(
            MemoryBrokers.with(logs, clock),
            MemoryBrokers.noPeers(),
            properties,
            clock,
            () -> System.nanoTime() + ahead.get(),
            new PrometheusMeterRegistry(PrometheusConfig.DEFAULT),
            List.of(),
            List.of(),
            workers);
    parts.start();
  }

  public void growTo(int count) {
    while (sessions.size() < count) {
      sessions.add(connect());
    }
  }

  private Session connect() {
    int number = addresses++;
    String address =
        "10." + (number >> 16 & 0xff) + "." + (number >> 8 & 0xff) + "." + (number & 0xff);
    var browser = new SimulatedBrowser(lines, address);
    Session session = parts.hub().connect(browser, Identity.ANONYMOUS);
    if (session == null) {
      throw new IllegalStateException("no room");
    }
    browser.session(session);
    parts.subscriptions().subscribe(session, "1", TOPIC, null, ChannelRight.OWN);
    return session;
  }

  /** Some leave and as many others come. */
  public void replace(int count) {
    for (int i = 0; i < count; i++) {
      int leaving = (int) ((long) i * sessions.size() / count);
      parts.hub().disconnect(sessions.get(leaving), CloseReason.GONE);
      sessions.set(leaving, connect());
    }
  }

  public int size() {
    return parts.registry().size();
  }

  /** To the topic that all follow. */
  public void push(String json) {
    parts.publisher().publish(TOPIC, Draft.of("bench", json, Instant.now())).join();
  }

  /** Frames that lines were given. */
  public long writes() {
    return lines.writes();
  }

  public long pings() {
    return lines.pings();
  }

  /** One whole round of the heartbeat, as if its time had passed. */
  public void heartbeat() {
    ahead.addAndGet(HEARTBEAT.toNanos());
    parts.hub().tick();
  }

  @Override
  public void close() {
    parts.stop();
  }
}

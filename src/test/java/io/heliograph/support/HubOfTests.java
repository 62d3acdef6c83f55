package io.heliograph.support;

import io.heliograph.broker.Broker;
import io.heliograph.broker.ClusterBus;
import io.heliograph.broker.LogProperties;
import io.heliograph.broker.memory.MemoryBrokers;
import io.heliograph.hub.ChannelStates;
import io.heliograph.hub.HubParts;
import io.heliograph.session.Identity;
import io.heliograph.session.Session;
import io.heliograph.session.SessionProperties;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/** A hub on the memory broker with room for everybody, whose time passes when a test says so. */
public final class HubOfTests implements AutoCloseable {

  private final AtomicLong nanos = new AtomicLong();
  private final Broker broker;
  private final HubParts parts;

  public HubOfTests(ClusterBus peers, Clock clock) {
    LogProperties log =
        new LogProperties(
            1_000, DataSize.ofMegabytes(1), Duration.ofHours(1), DataSize.ofMegabytes(64));
    broker = MemoryBrokers.with(log, clock);
    parts = on(broker, peers, DataSize.ofMegabytes(1), clock, nanos::get);
    parts.start();
  }

  /**
   * Alone, not started, with one worker, and with heartbeats and lifetimes that do not interfere.
   */
  public static HubParts on(
      Broker broker,
      DataSize maxQueued,
      Clock clock,
      LongSupplier monotonic,
      ChannelStates... states) {
    return on(broker, MemoryBrokers.noPeers(), maxQueued, clock, monotonic, states);
  }

  private static HubParts on(
      Broker broker,
      ClusterBus bus,
      DataSize maxQueued,
      Clock clock,
      LongSupplier monotonic,
      ChannelStates... states) {
    return new HubParts(
        broker,
        bus,
        new SessionProperties(
            Duration.ofHours(1),
            Duration.ofDays(10),
            Duration.ofDays(1),
            maxQueued,
            64,
            20,
            10_000,
            100_000,
            100_000),
        clock,
        monotonic,
        new SimpleMeterRegistry(),
        List.of(states),
        List.of(),
        1);
  }

  public Broker broker() {
    return broker;
  }

  public HubParts parts() {
    return parts;
  }

  /** Of the hub's own, monotonic clock. */
  public void passes(Duration time) {
    nanos.addAndGet(time.toNanos());
  }

  public long nanos() {
    return nanos.get();
  }

  public Session connect(@Nullable String user) {
    return connect(user, new RecordingTransport());
  }

  public Session connect(@Nullable String user, RecordingTransport transport) {
    Session session = parts.hub().connect(transport, new Identity(user, Set.of(), null));
    if (session == null) {
      throw new AssertionError("no room");
    }
    return session;
  }

  @Override
  public void close() {
    parts.stop();
  }
}

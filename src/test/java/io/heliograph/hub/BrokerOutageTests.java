package io.heliograph.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.broker.Broker;
import io.heliograph.broker.BrokerListener;
import io.heliograph.broker.BrokerUnavailableException;
import io.heliograph.broker.LogProperties;
import io.heliograph.broker.memory.MemoryBrokers;
import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.session.Identity;
import io.heliograph.support.DelegatingBroker;
import io.heliograph.support.HubOfTests;
import io.heliograph.support.ManualClock;
import io.heliograph.support.RecordingTransport;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

/** The risk: a broker that is away for a moment leaves a session deaf for the rest of its life. */
class BrokerOutageTests {

  private static final Channel ALICE = new Channel.User("alice");

  private final ManualClock clock = new ManualClock();
  private final AwayAtFirst broker = new AwayAtFirst(clock);
  private final RecordingTransport transport = new RecordingTransport();
  private final HubParts parts = HubOfTests.on(broker, DataSize.ofMegabytes(1), clock, () -> 0);

  @AfterEach
  void stop() {
    parts.stop();
  }

  @Test
  void aSessionThatCameWhileTheBrokerWasAwayGetsMessagesWhenItIsBack() {
    parts.start();
    parts.hub().connect(transport, new Identity("alice", Set.of(), null));
    broker.push("missed");
    broker.away = false;
    parts.hub().tick();
    broker.push("received");
    assertThat(messages()).containsExactly("missed", "received");
  }

  @Test
  void whileTheBrokerStaysAwayItIsAskedAgainAndAgain() {
    parts.start();
    parts.hub().connect(transport, new Identity("alice", Set.of(), null));
    parts.hub().tick();
    parts.hub().tick();
    broker.away = false;
    parts.hub().tick();
    broker.push("received");
    assertThat(messages()).containsExactly("received");
  }

  private List<String> messages() {
    return transport.frames().stream()
        .filter(frame -> frame.startsWith("message user:alice "))
        .map(frame -> frame.split(" ")[3])
        .toList();
  }

  /** Cannot be subscribed to while it is away, though its logs can be read. */
  private static final class AwayAtFirst extends DelegatingBroker {

    private final Broker broker;
    boolean away = true;

    AwayAtFirst(ManualClock clock) {
      broker =
          MemoryBrokers.with(
              new LogProperties(
                  100, DataSize.ofMegabytes(1), Duration.ofHours(1), DataSize.ofMegabytes(8)),
              clock);
    }

    void push(String event) {
      broker.publish(ALICE, Draft.of(event, "{}", Instant.EPOCH.plusSeconds(2_000_000_000))).join();
    }

    @Override
    protected Broker broker() {
      return broker;
    }

    @Override
    protected <T> CompletableFuture<T> answer(Supplier<CompletableFuture<T>> ask) {
      return ask.get();
    }

    @Override
    public void start(BrokerListener listener) {
      broker.start(listener);
    }

    @Override
    public CompletableFuture<Void> subscribe(Channel channel) {
      return away
          ? CompletableFuture.failedFuture(new BrokerUnavailableException("away", null))
          : super.subscribe(channel);
    }
  }
}

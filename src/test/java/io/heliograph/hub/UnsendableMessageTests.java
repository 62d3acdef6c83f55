package io.heliograph.hub;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.heliograph.broker.Broker;
import io.heliograph.broker.LogProperties;
import io.heliograph.broker.memory.MemoryBrokers;
import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.Message;
import io.heliograph.session.Codec;
import io.heliograph.session.Identity;
import io.heliograph.session.ServerEvent;
import io.heliograph.session.SessionProperties;
import io.heliograph.support.ManualClock;
import io.heliograph.support.RecordingTransport;
import io.heliograph.support.TextProtocol;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.springframework.util.unit.DataSize;

/** The risk: one message that cannot be encoded makes every subscriber of its channel deaf. */
class UnsendableMessageTests {

  private static final Channel NEWS = new Channel.Topic("news");

  private static final Codec REFUSING =
      frame -> {
        if (frame instanceof ServerEvent.Delivery(Message message)
            && message.event().equals("bad")) {
          throw new StackOverflowError("cannot be encoded");
        }
        return TextProtocol.INSTANCE.encode(frame);
      };

  private final ManualClock clock = new ManualClock();
  private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
  private final Broker broker =
      MemoryBrokers.with(
          new LogProperties(
              100, DataSize.ofMegabytes(1), Duration.ofHours(1), DataSize.ofMegabytes(8)),
          clock);
  private final HubParts parts =
      new HubParts(
          broker,
          MemoryBrokers.noPeers(),
          new SessionProperties(
              Duration.ofHours(1),
              Duration.ofDays(10),
              Duration.ofDays(1),
              DataSize.ofMegabytes(1),
              64,
              20,
              10_000,
              100_000,
              100_000),
          clock,
          () -> 0,
          meters,
          List.of(),
          List.of(),
          2);

  @BeforeEach
  void start() {
    parts.start();
  }

  @AfterEach
  void stop() {
    parts.stop();
  }

  /** One visits them on the publisher's thread, twenty on the workers'. */
  @ParameterizedTest
  @ValueSource(ints = {1, 20})
  void everySubscriberGetsAGapAndTheNextMessage(int subscribers) {
    List<RecordingTransport> lines =
        IntStream.range(0, subscribers).mapToObj(_ -> subscriber()).toList();
    publish("first");
    publish("bad");
    publish("last");
    for (RecordingTransport transport : lines) {
      await()
          .atMost(Duration.ofSeconds(30))
          .untilAsserted(
              () ->
                  assertThat(news(transport))
                      .extracting(frame -> frame.replaceAll("[^: ]+:(\\d)", "$1"))
                      .containsExactly(
                          "subscribed topic:news 0",
                          "message topic:news 1 first",
                          "gap topic:news 2",
                          "message topic:news 3 last"));
    }
    assertThat(meters.counter("heliograph.gaps").count()).isEqualTo(subscribers);
    assertThat(meters.counter("heliograph.messages.unsendable").count()).isEqualTo(1);
  }

  @Test
  void aClientThatResumesEarlyIsAnsweredAndContinues() {
    publish("first");
    publish("bad");
    RecordingTransport transport = new RecordingTransport().codec(REFUSING);
    var session = requireNonNull(parts.hub().connect(transport, Identity.ANONYMOUS));
    parts
        .subscriptions()
        .subscribe(session, "1", NEWS, broker.head(NEWS).join().at(0), ChannelRight.OWN);
    publish("last");
    assertThat(news(transport))
        .extracting(frame -> frame.replaceAll("[^: ]+:(\\d)", "$1"))
        .containsExactly(
            "subscribed topic:news 0",
            "message topic:news 1 first",
            "gap topic:news 2",
            "message topic:news 3 last");
  }

  /** As an authorizer does whose executor is full. */
  @Test
  void aSnapshotThatCannotBeAskedForRefusesTheSubscribe() {
    RecordingTransport transport = new RecordingTransport();
    var session = requireNonNull(parts.hub().connect(transport, Identity.ANONYMOUS));
    parts
        .subscriptions()
        .subscribe(
            session,
            "1",
            NEWS,
            null,
            new ChannelRight(
                null,
                () -> {
                  throw new RejectedExecutionException("full");
                }));
    assertThat(transport.frames()).contains("refusal /problems/store-unavailable");
    assertThat(session.subscription(NEWS)).isNull();
  }

  @Test
  void aWorkerSurvivesErrorsAndInterrupts() {
    List<String> walked = new CopyOnWriteArrayList<>();
    try (FanOutWorkers<String> workers =
        new FanOutWorkers<>(
            1,
            (_, together) -> {
              for (String each : together) {
                walked.add(each);
                if (each.equals("error")) {
                  throw new StackOverflowError("walking");
                }
                if (each.equals("interrupt")) {
                  Thread.currentThread().interrupt();
                }
              }
            })) {
      for (String work : List.of("error", "interrupt", "error", "end")) {
        workers.submit(work);
        await()
            .atMost(Duration.ofSeconds(30))
            .until(() -> !walked.isEmpty() && walked.getLast().equals(work));
      }
    }
  }

  private RecordingTransport subscriber() {
    RecordingTransport transport = new RecordingTransport().codec(REFUSING);
    var session =
        requireNonNull(parts.hub().connect(transport, new Identity(null, Set.of(NEWS), null)));
    parts.subscriptions().subscribe(session, "1", NEWS, null, ChannelRight.OWN);
    return transport;
  }

  private void publish(String event) {
    parts.publisher().publish(NEWS, Draft.of(event, "{}", clock.instant())).join();
  }

  private static List<String> news(RecordingTransport transport) {
    return transport.frames().stream().filter(frame -> frame.contains(" topic:news ")).toList();
  }
}

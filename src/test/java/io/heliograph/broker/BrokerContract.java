package io.heliograph.broker;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.History;
import io.heliograph.message.Ids;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import io.heliograph.message.Published;
import io.heliograph.message.TraceParent;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.springframework.util.unit.DataSize;

/**
 * What every broker means. A twin extends it and says how one is made and how its time passes.
 * Channels are named anew in each test, so that a broker may outlive one.
 */
@SuppressWarnings("NullAway.Init") // the broker is made before each test
public abstract class BrokerContract {

  /** Generous: what a test does not want trimmed is not. */
  protected static final LogProperties ROOMY =
      new LogProperties(
          1_000, DataSize.ofMegabytes(1), Duration.ofHours(1), DataSize.ofMegabytes(256));

  protected final RecordingListener listener = new RecordingListener();
  protected final Channel channel = new Channel.User("alice-" + Ids.random128());
  protected final Channel otherChannel = new Channel.Topic("news-" + Ids.random128());
  protected Broker broker;

  /** A broker with these bounds, not started. */
  protected abstract Broker newBroker(LogProperties bounds);

  /** What the broker takes for the time. */
  protected abstract Instant now();

  /** Lets time pass for the broker. */
  protected abstract void advance(Duration duration);

  @BeforeEach
  void startRoomy() {
    startWith(ROOMY);
  }

  protected final void startWith(LogProperties bounds) {
    broker = newBroker(bounds);
    broker.start(listener);
  }

  // Appending and reading
  // ---------------------------------------------------------------------------

  @Test
  void offsetsAreDenseAndBeginAtOne() {
    List<Published> published = publish(channel, "a", "b", "c");
    assertThat(published).extracting(p -> p.position().offset()).containsExactly(1L, 2L, 3L);
    assertThat(published).extracting(p -> p.position().epoch()).containsOnly(epoch(channel));
    assertThat(published).noneMatch(Published::repeated);
  }

  @Test
  void channelsCountForThemselves() {
    publish(channel, "a", "b");
    assertThat(publish(otherChannel, "x").getFirst().position().offset()).isEqualTo(1);
  }

  @Test
  void aMessageComesOutAsItWentIn() {
    Draft draft =
        new Draft(
            Ids.v7(now()),
            "order.paid",
            "{\"sum\":\"12 €\"}",
            now(),
            Duration.ofMinutes(5),
            "order",
            "once-1",
            Duration.ofMinutes(2),
            "alice",
            TraceParent.of("00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"));
    Published published = get(broker.publish(channel, draft));
    assertThat(history(null, 10).messages())
        .containsExactly(draft.at(channel, published.position()));
    assertThat(published.id()).isEqualTo(draft.id());
  }

  @Test
  void historyFromTheBeginningIsInOrderAndComplete() {
    publish(channel, "a", "b", "c");
    History all = history(null, 10);
    assertThat(all.messages()).extracting(Message::event).containsExactly("a", "b", "c");
    assertThat(all.complete()).isTrue();
    assertThat(all.reachesHead()).isTrue();
    assertThat(all.head()).isEqualTo(head());
  }

  @Test
  void historySinceAPositionBeginsAfterIt() {
    List<Published> published = publish(channel, "a", "b", "c");
    History rest = history(published.getFirst().position(), 10);
    assertThat(rest.messages()).extracting(Message::event).containsExactly("b", "c");
    assertThat(rest.complete()).isTrue();
    assertThat(rest.begin()).isEqualTo(published.getFirst().position());
  }

  @Test
  void historySinceTheHeadIsEmptyAndComplete() {
    publish(channel, "a", "b");
    History nothing = history(head(), 10);
    assertThat(nothing.messages()).isEmpty();
    assertThat(nothing.complete()).isTrue();
    assertThat(nothing.through()).isEqualTo(head());
  }

  @Test
  void pagesFollowEachOtherUpToTheHead() {
    publish(channel, "a", "b", "c", "d", "e");
    List<String> events = new ArrayList<>();
    List<Boolean> reached = new ArrayList<>();
    @Nullable Position since = null;
    do {
      History page = history(since, 2);
      page.messages().forEach(message -> events.add(message.event()));
      reached.add(page.reachesHead());
      assertThat(page.complete()).isTrue();
      assertThat(page.head()).isEqualTo(head());
      since = page.through();
    } while (!reached.getLast() && reached.size() < 10);
    assertThat(events).containsExactly("a", "b", "c", "d", "e");
    assertThat(reached).containsExactly(false, false, true);
  }

  @Test
  void aFullLastPageReachesTheHead() {
    publish(channel, "a", "b");
    assertThat(history(null, 2).reachesHead()).isTrue();
  }

  @Test
  void aPositionOfAnotherEpochIsIncompleteAndBeginsWithTheOldest() {
    publish(channel, "a", "b");
    History all = history(new Position("another", 1), 10);
    assertThat(all.complete()).isFalse();
    assertThat(all.messages()).extracting(Message::event).containsExactly("a", "b");
  }

  @Test
  void aPositionBeyondTheHeadIsResetToTheHeadAndIncomplete() {
    publish(channel, "a", "b");
    History reset = history(head().at(7), 10);
    assertThat(reset.complete()).isFalse();
    assertThat(reset.messages()).isEmpty();
    assertThat(reset.through()).isEqualTo(head());
  }

  @Test
  void aChannelWithoutALogHasAPositionThatItsFirstMessageFollows() {
    Position before = head();
    assertThat(before.offset()).isZero();
    assertThat(history(null, 10).complete()).isTrue();
    assertThat(history(before, 10).complete()).isTrue();
    publish(channel, "a");
    History first = history(before, 10);
    assertThat(first.messages()).extracting(Message::event).containsExactly("a");
    assertThat(first.complete()).isTrue();
  }

  @Test
  void aChannelWithoutALogReportsThatAnOldPositionIsLost() {
    History lost = history(new Position("another", 4), 10);
    assertThat(lost.complete()).isFalse();
    assertThat(lost.messages()).isEmpty();
    assertThat(lost.through()).isEqualTo(lost.head());
  }

  // Trimming
  // ----------------------------------------------------------------------------------------

  @Test
  void theOldestGoWhenThereAreTooMany() {
    startWith(bounds(3, DataSize.ofMegabytes(1)));
    List<Published> published = publish(channel, "a", "b", "c", "d", "e");
    assertThat(history(null, 10).messages())
        .extracting(Message::event)
        .containsExactly("c", "d", "e");
    assertThat(history(null, 10).complete()).isFalse();
    assertThat(history(published.get(0).position(), 10).complete()).isFalse();
    assertThat(history(published.get(1).position(), 10).complete()).isTrue();
    assertThat(head().offset()).isEqualTo(5);
  }

  @Test
  void theOldestGoWhenTheyAreTooLarge() {
    startWith(bounds(100, DataSize.ofBytes(1_000)));
    for (String event : List.of("a", "b", "c", "d")) {
      get(broker.publish(channel, Draft.of(event, json(400), now())));
    }
    assertThat(history(null, 10).messages()).extracting(Message::event).containsExactly("c", "d");
    assertThat(history(null, 10).complete()).isFalse();
  }

  @Test
  void theNewestStaysHoweverLarge() {
    startWith(bounds(100, DataSize.ofBytes(1_000)));
    publish(channel, "a");
    get(broker.publish(channel, Draft.of("large", json(5_000), now())));
    assertThat(history(null, 10).messages()).extracting(Message::event).containsExactly("large");
  }

  @Test
  void whatIsTooOldGoesAndIsMissed() {
    publish(channel, "a");
    advance(Duration.ofMinutes(40));
    Position second = publish(channel, "b").getFirst().position();
    advance(Duration.ofMinutes(30));
    History left = history(null, 10);
    assertThat(left.messages()).extracting(Message::event).containsExactly("b");
    assertThat(left.complete()).isFalse();
    assertThat(history(second.at(1), 10).complete()).isTrue();
    advance(Duration.ofMinutes(31));
    assertThat(history(second, 10).complete()).isTrue();
    assertThat(history(second.at(1), 10).complete()).isFalse();
    assertThat(history(second, 10).head()).isEqualTo(second);
  }

  @Test
  void pastItsTtlAMessageIsLeftOutAndNotMissed() {
    publish(channel, "a");
    get(broker.publish(channel, shortLived("brief", Duration.ofSeconds(10))));
    publish(channel, "c");
    advance(Duration.ofSeconds(9));
    assertThat(history(null, 10).messages())
        .extracting(Message::event)
        .containsExactly("a", "brief", "c");
    advance(Duration.ofSeconds(1));
    History left = history(null, 10);
    assertThat(left.messages()).extracting(Message::event).containsExactly("a", "c");
    assertThat(left.messages()).extracting(m -> m.position().offset()).containsExactly(1L, 3L);
    assertThat(left.complete()).isTrue();
  }

  @Test
  void aPageThatEndsInExpiredMessagesStillReachesTheHead() {
    publish(channel, "a");
    get(broker.publish(channel, shortLived("brief", Duration.ofSeconds(10))));
    advance(Duration.ofSeconds(10));
    History left = history(null, 10);
    assertThat(left.messages()).extracting(Message::event).containsExactly("a");
    assertThat(left.through().offset()).isEqualTo(2);
    assertThat(left.reachesHead()).isTrue();
  }

  @Test
  void aKeyReplacesAndIsNotMissed() {
    publish(channel, "a");
    get(broker.publish(channel, keyed("price", "EURUSD")));
    publish(channel, "c");
    get(broker.publish(channel, keyed("price2", "EURUSD")));
    get(broker.publish(channel, keyed("other", "EURGBP")));
    History all = history(null, 10);
    assertThat(all.messages())
        .extracting(Message::event)
        .containsExactly("a", "c", "price2", "other");
    assertThat(all.messages())
        .extracting(m -> m.position().offset())
        .containsExactly(1L, 3L, 4L, 5L);
    assertThat(all.complete()).isTrue();
  }

  @Test
  void aKeyOnOneChannelReplacesNothingOnAnother() {
    get(broker.publish(channel, keyed("a", "k")));
    get(broker.publish(otherChannel, keyed("b", "k")));
    assertThat(history(null, 10).messages()).extracting(Message::event).containsExactly("a");
  }

  // Delivered
  // ---------------------------------------------------------------------------------------

  @Test
  void undeliveredIsEverythingUntilSomethingIsMarked() {
    List<Published> published = publish(channel, "a", "b", "c");
    assertThat(undelivered().messages()).extracting(Message::event).containsExactly("a", "b", "c");
    broker.markDelivered(channel, published.get(1).position());
    assertThat(undelivered().messages()).extracting(Message::event).containsExactly("c");
    assertThat(undelivered().complete()).isTrue();
  }

  @Test
  void theMarkNeverGoesBack() {
    List<Published> published = publish(channel, "a", "b", "c");
    broker.markDelivered(channel, published.get(1).position());
    broker.markDelivered(channel, published.get(0).position());
    assertThat(undelivered().messages()).extracting(Message::event).containsExactly("c");
  }

  @Test
  void aMarkOfAnotherEpochOrBeyondTheHeadIsIgnored() {
    publish(channel, "a", "b");
    broker.markDelivered(channel, new Position("another", 2));
    broker.markDelivered(channel, head().at(9));
    publish(channel, "c");
    assertThat(undelivered().messages()).extracting(Message::event).containsExactly("a", "b", "c");
  }

  @Test
  void whatWasTrimmedBeforeItWasDeliveredIsMissed() {
    startWith(bounds(2, DataSize.ofMegabytes(1)));
    List<Published> published = publish(channel, "a", "b");
    broker.markDelivered(channel, published.get(1).position());
    publish(channel, "c", "d");
    assertThat(undelivered().complete()).isTrue();
    publish(channel, "e");
    assertThat(undelivered().complete()).isFalse();
    assertThat(undelivered().messages()).extracting(Message::event).containsExactly("d", "e");
  }

  @Test
  void nothingIsUndeliveredOnAChannelWithoutALog() {
    broker.markDelivered(channel, new Position("another", 2));
    assertThat(undelivered().messages()).isEmpty();
    assertThat(undelivered().complete()).isTrue();
  }

  // Once
  // --------------------------------------------------------------------------------------------

  @Test
  void theSameDraftAgainIsAnsweredWithTheFirstMessage() throws Exception {
    get(broker.subscribe(channel));
    Published first = get(broker.publish(channel, once("a", "request-1")));
    Published again = get(broker.publish(channel, once("a", "request-1")));
    assertThat(again.id()).isEqualTo(first.id());
    assertThat(again.position()).isEqualTo(first.position());
    assertThat(first.repeated()).isFalse();
    assertThat(again.repeated()).isTrue();
    assertThat(head().offset()).isEqualTo(1);

    publish(channel, "end");
    assertThat(listener.awaitOn(channel, 2)).extracting(Message::event).containsExactly("a", "end");
  }

  @Test
  void anotherValueOrAnotherChannelIsAnotherMessage() {
    get(broker.publish(channel, once("a", "request-1")));
    assertThat(get(broker.publish(channel, once("b", "request-2"))).repeated()).isFalse();
    assertThat(get(broker.publish(otherChannel, once("c", "request-1"))).repeated()).isFalse();
    assertThat(head().offset()).isEqualTo(2);
  }

  @Test
  void theSameDraftAtTheSameTimeIsAppendedOnce() throws Exception {
    List<Published> published =
        atOnce(8, () -> List.of(get(broker.publish(channel, once("a", "request-1")))));
    assertThat(published)
        .extracting(Published::id)
        .hasSize(8)
        .containsOnly(published.getFirst().id());
    assertThat(published).filteredOn(p -> !p.repeated()).hasSize(1);
    assertThat(head().offset()).isEqualTo(1);
  }

  // Announcing
  // --------------------------------------------------------------------------------------

  @Test
  void onlyWhatIsSubscribedIsAnnounced() throws Exception {
    assertThat(publish(channel, "before").getFirst().nodes()).isZero();
    get(broker.subscribe(channel));
    get(broker.subscribe(channel));
    assertThat(publish(channel, "during").getFirst().nodes()).isEqualTo(1);
    publish(otherChannel, "elsewhere");
    listener.awaitOn(channel, 1);
    broker.unsubscribe(channel);
    awaitUnsubscribed();
    get(broker.subscribe(otherChannel));
    publish(otherChannel, "end");
    assertThat(listener.awaitOn(otherChannel, 1)).extracting(Message::event).containsExactly("end");
    assertThat(listener.awaitOn(channel, 1)).extracting(Message::event).first().isEqualTo("during");
    assertThat(listener.awaitOn(channel, 1)).noneMatch(message -> message.event().equals("before"));
  }

  @Test
  void anAnnouncementCarriesTheMessage() throws Exception {
    get(broker.subscribe(channel));
    get(broker.publish(channel, keyed("price", "EURUSD")));
    assertThat(listener.awaitOn(channel, 1)).isEqualTo(history(null, 10).messages());
  }

  @Test
  void manyPublishersAtOnceAreAnnouncedInTheOrderOfTheLog() throws Exception {
    get(broker.subscribe(channel));
    int threads = 16;
    int each = 50;
    List<Published> published =
        atOnce(
            threads,
            () ->
                IntStream.range(0, each)
                    .mapToObj(i -> get(broker.publish(channel, Draft.of("e" + i, "{}", now()))))
                    .toList());
    List<Long> dense = LongStream.rangeClosed(1, (long) threads * each).boxed().toList();
    assertThat(published.stream().map(p -> p.position().offset()).sorted()).isEqualTo(dense);
    assertThat(listener.awaitOn(channel, threads * each))
        .extracting(m -> m.position().offset())
        .isEqualTo(dense);
    assertThat(history(null, 1_000).messages()).isEqualTo(listener.awaitOn(channel, 1));
  }

  @Test
  void aListenerThatThrowsMissesOneMessageAndGetsTheNext() throws Exception {
    get(broker.subscribe(channel));
    listener.before(
        message -> {
          switch (message.event()) {
            case "bad" -> throw new IllegalStateException("a listener that throws");
            case "worse" -> throw new AssertionError("a listener that breaks");
            default -> {}
          }
        });
    assertThat(publish(channel, "bad", "worse", "good"))
        .extracting(p -> p.position().offset())
        .containsExactly(1L, 2L, 3L);
    assertThat(listener.awaitOn(channel, 1)).extracting(Message::event).containsExactly("good");
  }

  /**
   * Who subscribes and then reads sees a message that is published at that moment, in one way or
   * the other.
   */
  @Test
  void subscribingThenReadingMissesNothing() throws Exception {
    ExecutorService publisher = Executors.newSingleThreadExecutor();
    try {
      for (int i = 0; i < 200; i++) {
        Channel fresh = new Channel.Topic("race-" + i + "-" + Ids.random128());
        CyclicBarrier start = new CyclicBarrier(2);
        Future<?> publishing =
            publisher.submit(
                () -> {
                  start.await();
                  return get(broker.publish(fresh, Draft.of("e", "{}", now())));
                });
        start.await();
        get(broker.subscribe(fresh));
        boolean read = !get(broker.history(fresh, null, 10)).messages().isEmpty();
        publishing.get(10, TimeUnit.SECONDS);
        if (!read) {
          assertThat(listener.awaitOn(fresh, 1)).hasSize(1);
        }
        broker.unsubscribe(fresh);
      }
    } finally {
      publisher.shutdownNow();
    }
  }

  // Words
  // -------------------------------------------------------------------------------------------

  protected final List<Published> publish(Channel to, String... events) {
    List<Published> published = new ArrayList<>();
    for (String event : events) {
      published.add(get(broker.publish(to, Draft.of(event, "{}", now()))));
    }
    return published;
  }

  protected final History history(@Nullable Position since, int limit) {
    return get(broker.history(channel, since, limit));
  }

  protected final Position head() {
    return get(broker.head(channel));
  }

  protected final String epoch(Channel of) {
    return get(broker.head(of)).epoch();
  }

  protected static <T> T get(CompletableFuture<T> future) {
    return future.orTimeout(10, TimeUnit.SECONDS).join();
  }

  protected final LogProperties bounds(int maxMessages, DataSize maxBytes) {
    return new LogProperties(maxMessages, maxBytes, ROOMY.maxAge(), ROOMY.maxTotalBytes());
  }

  private History undelivered() {
    return get(broker.undelivered(channel, 10));
  }

  /** Unsubscribing has no answer; on some brokers it takes a moment. */
  private void awaitUnsubscribed() {
    long deadline = System.nanoTime() + Duration.ofSeconds(60).toNanos();
    while (publish(channel, "after").getFirst().nodes() > 0) {
      assertThat(System.nanoTime()).isLessThan(deadline);
      Thread.onSpinWait();
    }
  }

  private Draft shortLived(String event, Duration ttl) {
    return new Draft(Ids.v7(now()), event, "{}", now(), ttl, null, null);
  }

  private Draft keyed(String event, String key) {
    return new Draft(Ids.v7(now()), event, "{}", now(), null, key, null);
  }

  private Draft once(String event, String once) {
    return new Draft(Ids.v7(now()), event, "{}", now(), null, null, once);
  }

  private static String json(int length) {
    return '"' + "x".repeat(length - 2) + '"';
  }

  private interface Publishing {
    List<Published> run();
  }

  private static List<Published> atOnce(int threads, Publishing publishing) throws Exception {
    CyclicBarrier start = new CyclicBarrier(threads);
    List<Published> published = new ArrayList<>();
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      List<Future<List<Published>>> running = new ArrayList<>();
      for (int i = 0; i < threads; i++) {
        running.add(
            executor.submit(
                () -> {
                  start.await();
                  return publishing.run();
                }));
      }
      for (Future<List<Published>> each : running) {
        published.addAll(each.get(30, TimeUnit.SECONDS));
      }
    }
    return published;
  }
}

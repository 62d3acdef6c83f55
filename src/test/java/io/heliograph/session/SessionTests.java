package io.heliograph.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.message.Channel;
import io.heliograph.message.History;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import io.heliograph.support.RecordingTransport;
import io.heliograph.support.RecordingTransport.Mode;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** The cursor, the queue and the one writer, without threads and without time. */
class SessionTests {

  private static final Instant NOW = Instant.parse("2026-01-01T00:00:00Z");
  private static final Channel NEWS = new Channel.Topic("news");
  private static final int MAX_QUEUED = 200;

  private final RecordingTransport transport = new RecordingTransport();
  private final RecordingSessionListener listener = new RecordingSessionListener();
  private long nanos = 1_000;
  private final Session session =
      new Session(
          new Channel.OneSession("AAAAAAAAAAAAAAAAAAAAAA"),
          transport,
          new SessionContext(listener, MAX_QUEUED, () -> nanos),
          Identity.ANONYMOUS,
          NOW,
          Long.MAX_VALUE / 2);

  // The cursor
  // --------------------------------------------------------------------------------------

  @Test
  void theNextMessageIsWrittenAtOnce() {
    Subscription news = liveAt(4);
    announce(news, 5, 6);
    assertThat(transport.frames()).containsExactly(frame(5), frame(6));
    assertThat(news.cursor()).isEqualTo(at(6));
    assertThat(listener.events).containsExactly("live 5", "live 6");
  }

  @Test
  void whatWasSeenIsNotWrittenAgain() {
    Subscription news = liveAt(4);
    announce(news, 5, 5, 4, 1, 6);
    assertThat(transport.frames()).containsExactly(frame(5), frame(6));
  }

  @Test
  void anythingButTheNextMakesItReadTheLogFromItsCursor() {
    Subscription news = liveAt(4);
    announce(news, 7);
    assertThat(transport.frames()).isEmpty();
    assertThat(listener.events).containsExactly("room");
    int read = news.beginReading();
    assertThat(news.cursor()).isEqualTo(at(4));
    session.onPage(news, read, page(7, 5, 6, 7), null);
    announce(news, 8);
    assertThat(transport.frames()).containsExactly(frame(5), frame(6), frame(7), frame(8));
    assertThat(listener.events).containsExactly("room", "read 5", "read 6", "read 7", "live 8");
  }

  @Test
  void aNewEpochMakesItReadTheLog() {
    Subscription news = liveAt(4);
    session.deliver(news, List.of(new EncodedMessage(message("new", 5))));
    assertThat(transport.frames()).isEmpty();
    int read = news.beginReading();
    assertThat(read).isPositive();
    Position begin = new Position("new", 4);
    session.onPage(
        news,
        read,
        new History(List.of(message("new", 5)), begin.at(5), begin.at(5), false),
        new ServerEvent.Gap(NEWS, begin));
    assertThat(transport.frames())
        .containsExactly("gap topic:news new:4", "message topic:news new:5 e");
    assertThat(news.cursor()).isEqualTo(begin.at(5));
  }

  /**
   * A broker that lost its log's tail: the cursor goes back to the head, and what follows is new.
   */
  @Test
  void aHeadBehindTheCursorPutsTheCursorBack() {
    Subscription news = liveAt(9);
    news.suspect();
    int read = news.beginReading();
    session.onPage(
        news, read, new History(List.of(), at(6), at(6), false), new ServerEvent.Gap(NEWS, at(6)));
    announce(news, 7);
    assertThat(transport.frames()).containsExactly("gap topic:news e1:6", frame(7));
  }

  @Test
  void aSubscriptionIsNotLiveBeforeItsFirstPage() {
    Subscription news = follow();
    announce(news, 1, 2);
    assertThat(transport.frames()).isEmpty();
    session.onPage(news, 0, page(2, 1, 2), subscribed(0));
    assertThat(transport.frames()).containsExactly(subscribedFrame(0), frame(1), frame(2));
    assertThat(listener.events).doesNotContain("room");
  }

  @Test
  void whatIsAnnouncedWhileAPageIsOnItsWayIsReadAfterIt() {
    Subscription news = follow();
    announce(news, 1, 2, 3);
    session.onPage(news, 0, page(2, 1, 2), null);
    assertThat(listener.count("room")).isEqualTo(1);
    session.onPage(news, news.beginReading(), page(3, 3), null);
    announce(news, 4);
    assertThat(transport.frames()).containsExactly(frame(1), frame(2), frame(3), frame(4));
  }

  @Test
  void aPageThatDoesNotReachTheHeadIsFollowedByAnother() {
    Subscription news = follow();
    session.onPage(news, 0, page(3, 1, 2), null);
    assertThat(listener.count("room")).isEqualTo(1);
    assertThat(news.beginReading()).isPositive();
  }

  @Test
  void anEmptyPageThatDoesNotReachTheHeadIsFollowedByAnother() {
    Subscription news = follow();
    session.onPage(news, 0, new History(List.of(), at(2), at(3), true), null);
    assertThat(listener.events).containsExactly("room");
  }

  @Test
  void offsetsThatTheLogLeftOutAreNotMissed() {
    Subscription news = follow();
    session.onPage(news, 0, page(9, 2, 5, 6), null);
    assertThat(news.cursor()).isEqualTo(at(9));
    announce(news, 10);
    assertThat(transport.frames()).containsExactly(frame(2), frame(5), frame(6), frame(10));
  }

  @Test
  void oneReadsAtATime() {
    Subscription news = liveAt(1);
    announce(news, 3);
    assertThat(news.beginReading()).isPositive();
    assertThat(news.beginReading()).isZero();
  }

  @Test
  void noLogIsReadWhileAWriteIsInProgress() {
    Subscription news = liveAt(1);
    transport.mode(Mode.LATER);
    announce(news, 2);
    announce(news, 4);
    assertThat(news.beginReading()).isZero();
    assertThat(listener.events).doesNotContain("room");
    transport.complete();
    assertThat(listener.events).endsWith("room");
    assertThat(news.beginReading()).isPositive();
  }

  @Test
  void aPageThatCouldNotBeReadIsReadAgain() {
    Subscription news = liveAt(1);
    announce(news, 3);
    int failed = news.beginReading();
    news.onReadFailed(failed);
    int again = news.beginReading();
    assertThat(again).isPositive().isNotEqualTo(failed);
    session.onPage(news, failed, page(3, 2, 3), null);
    assertThat(transport.frames()).isEmpty();
    session.onPage(news, again, page(3, 2, 3), null);
    assertThat(transport.frames()).containsExactly(frame(2), frame(3));
  }

  @Test
  void afterARestartOnlyItsOwnPageCounts() {
    Subscription news = liveAt(5);
    announce(news, 7);
    int stale = news.beginReading();
    int restarted = news.restart();
    session.onPage(news, stale, page(7, 6, 7), null);
    assertThat(transport.frames()).isEmpty();
    session.onPage(news, restarted, page(7, 4, 5, 6, 7), subscribed(3));
    assertThat(transport.frames())
        .containsExactly(subscribedFrame(3), frame(4), frame(5), frame(6), frame(7));
  }

  @Test
  void aSuspectReadsAndOneThatReadsIsNoSuspect() {
    Subscription news = liveAt(5);
    news.suspect();
    int read = news.beginReading();
    news.suspect();
    session.onPage(news, read, new History(List.of(), at(5), at(5), true), null);
    announce(news, 6);
    assertThat(transport.frames()).containsExactly(frame(6));
  }

  // The queue
  // ---------------------------------------------------------------------------------------

  @Test
  void whatQueuesUpLeavesInOneWrite() {
    Subscription news = liveAt(0);
    transport.mode(Mode.LATER);
    announce(news, 1, 2, 3, 4);
    assertThat(transport.flushes()).containsExactly(List.of(frame(1)));
    transport.complete();
    assertThat(transport.flushes())
        .containsExactly(List.of(frame(1)), List.of(frame(2), frame(3), frame(4)));
    assertThat(listener.count("pending")).isEqualTo(2);
    transport.complete();
    assertThat(transport.complete()).isFalse();
    assertThat(session.queuedBytes()).isZero();
  }

  @Test
  void aFullQueueIsEmptiedAndReadAgainInOrder() {
    Subscription news = liveAt(0);
    transport.mode(Mode.LATER);
    announce(news, LongStream.rangeClosed(1, 20).toArray());
    assertThat(listener.count("overflow")).isEqualTo(1);
    assertThat(session.queuedBytes()).isZero();
    assertThat(news.cursor()).isEqualTo(at(1));
    transport.complete();
    assertThat(listener.events).endsWith("room");
    transport.mode(Mode.AT_ONCE);
    readUpTo(20, news);
    announce(news, 21);
    assertThat(transport.frames())
        .isEqualTo(LongStream.rangeClosed(1, 21).mapToObj(SessionTests::frame).toList());
  }

  @Test
  void theQueueStaysWithinItsBound() {
    Subscription news = liveAt(0);
    transport.mode(Mode.LATER);
    for (long offset = 1; offset < 500; offset++) {
      announce(news, offset);
      assertThat(session.queuedBytes()).isLessThanOrEqualTo(MAX_QUEUED);
    }
  }

  @Test
  void whatDoesNotFitIntoTheQueueIsReadFromTheLog() {
    Subscription news = liveAt(0);
    session.deliver(
        news,
        LongStream.rangeClosed(1, 20).mapToObj(o -> new EncodedMessage(message("e1", o))).toList());
    assertThat(listener.events).contains("overflow", "room");
    readUpTo(20, news);
    assertThat(transport.frames())
        .isEqualTo(LongStream.rangeClosed(1, 20).mapToObj(SessionTests::frame).toList());
  }

  @Test
  void aPageGoesAsFarAsThereIsRoom() {
    Subscription news = follow();
    transport.mode(Mode.LATER);
    session.onPage(news, 0, page(20, LongStream.rangeClosed(1, 20).toArray()), subscribed(0));
    assertThat(session.queuedBytes()).isBetween(MAX_QUEUED / 2, MAX_QUEUED);
    transport.completeAll();
    long reached = cursor(news).offset();
    assertThat(reached).isBetween(2L, 19L);
    assertThat(transport.frames()).last().isEqualTo(frame(reached));
    transport.mode(Mode.AT_ONCE);
    readUpTo(20, news);
    assertThat(transport.frames().subList(1, transport.frames().size()))
        .isEqualTo(LongStream.rangeClosed(1, 20).mapToObj(SessionTests::frame).toList());
  }

  @Test
  void aMessageLargerThanTheQueueStillGoes() {
    Subscription news = follow();
    transport.mode(Mode.LATER);
    session.send(new ServerEvent.Pong("a"));
    Message large = message(1, "x".repeat(MAX_QUEUED));
    session.onPage(news, 0, new History(List.of(large), at(1), at(1), true), subscribed(0));
    assertThat(news.cursor()).isEqualTo(at(0));
    transport.completeAll();
    session.onPage(
        news, news.beginReading(), new History(List.of(large), at(1), at(1), true), null);
    assertThat(transport.frames()).hasSize(3);
    assertThat(transport.frames().getLast()).hasSizeGreaterThan(MAX_QUEUED);
    assertThat(news.cursor()).isEqualTo(at(1));
  }

  @Test
  void answersSurviveADroppedQueue() {
    Subscription news = liveAt(0);
    transport.mode(Mode.LATER);
    announce(news, 1, 2);
    session.send(new ServerEvent.Pong("a"));
    announce(news, LongStream.rangeClosed(3, 20).toArray());
    transport.completeAll();
    assertThat(transport.frames()).containsExactly(frame(1), "pong a");
    assertThat(news.cursor()).isEqualTo(at(1));
  }

  @Test
  void anAnswerMakesRoomForItself() {
    Subscription news = liveAt(0);
    transport.mode(Mode.LATER);
    announce(news, 1, 2, 3, 4, 5, 6, 7, 8);
    session.send(new ServerEvent.Pong("x".repeat(100)));
    assertThat(listener.count("overflow")).isEqualTo(1);
    assertThat(session.isOpen()).isTrue();
    assertThat(news.cursor()).isEqualTo(at(1));
  }

  @Test
  void aClientThatAsksAndNeverReadsIsClosedAsSlow() {
    transport.mode(Mode.LATER);
    for (int i = 0; i < 1_000 && session.isOpen(); i++) {
      session.send(new ServerEvent.Pong("" + i));
      assertThat(session.queuedBytes()).isLessThanOrEqualTo(MAX_QUEUED + 20);
    }
    assertThat(session.closing()).isEqualTo(CloseReason.SLOW);
  }

  @Test
  void aClientThatSubscribesAgainAndAgainAndNeverReadsIsClosedAsSlow() {
    Subscription news = liveAt(3);
    transport.mode(Mode.LATER);
    for (int i = 0; i < 1_000 && session.isOpen(); i++) {
      session.onPage(news, news.restart(), page(3, 1, 2, 3), subscribed(0));
      assertThat(session.queuedBytes()).isLessThanOrEqualTo(MAX_QUEUED + 20);
    }
    assertThat(session.closing()).isEqualTo(CloseReason.SLOW);
  }

  /**
   * Messages of before the restart are still queued, and are dropped while its page is on its way.
   */
  @Test
  void aDroppedQueueDoesNotForgetARestart() {
    Subscription news = liveAt(0);
    transport.mode(Mode.LATER);
    announce(news, 1, 2, 3);
    int restarted = news.restart();
    session.send(new ServerEvent.Pong("x".repeat(MAX_QUEUED - 45)));
    session.onPage(news, restarted, page(3), subscribed(3));
    transport.completeAll();
    assertThat(transport.frames()).contains(subscribedFrame(3));
    assertThat(news.cursor()).isEqualTo(at(3));
  }

  @Test
  void whatWasDroppedBeforeARestartThatFailedIsReadAgain() {
    Subscription news = liveAt(0);
    transport.mode(Mode.LATER);
    announce(news, 1, 2, 3);
    int restarted = news.restart();
    session.send(new ServerEvent.Pong("x".repeat(MAX_QUEUED - 10)));
    news.onReadFailed(restarted);
    assertThat(news.cursor()).isEqualTo(at(1));
  }

  // The writer
  // --------------------------------------------------------------------------------------

  @Test
  void writesThatCompleteAtOnceMakeALoopAndNoRecursion() {
    Session roomy = sessionWith(Integer.MAX_VALUE, listener);
    transport.mode(Mode.LATER);
    for (int i = 0; i < 100_000; i++) {
      roomy.send(new ServerEvent.Pong("" + i));
    }
    transport.mode(Mode.AT_ONCE);
    transport.complete();
    assertThat(transport.frames())
        .isEqualTo(IntStream.range(0, 100_000).mapToObj(i -> "pong " + i).toList());
  }

  /** The hub answers room with a page, and on one node that page comes at once. */
  @Test
  void pagesThatComeAtOnceMakeALoopAndNoRecursion() {
    int pages = 50_000;
    Session[] reading = new Session[1];
    reading[0] =
        sessionWith(
            MAX_QUEUED,
            new QuietListener() {
              @Override
              public void onRoom(Session session) {
                Subscription behind = session.subscriptions().getFirst();
                int read = behind.beginReading();
                long next = cursor(behind).offset() + 1;
                session.onPage(behind, read, page(pages, next), null);
              }
            });
    Subscription news = follow(reading[0]);
    reading[0].onPage(news, 0, page(pages, 1), null);
    assertThat(news.cursor()).isEqualTo(at(pages));
    assertThat(transport.frames()).hasSize(pages);
  }

  @Test
  void aFailedWriteEndsTheSessionAndNothingFollows() {
    Subscription news = liveAt(0);
    transport.mode(Mode.FAILING);
    announce(news, 1, 2);
    assertThat(listener.events).isEmpty();
    assertThat(transport.aborted()).isTrue();
    assertThat(transport.frames()).containsExactly(frame(1));
  }

  @Test
  void aWriteThatFailsLaterEndsTheSession() {
    Subscription news = liveAt(0);
    transport.mode(Mode.LATER);
    announce(news, 1, 2);
    transport.fail();
    assertThat(listener.events).containsExactly("pending");
    assertThat(transport.aborted()).isTrue();
    assertThat(transport.frames()).containsExactly(frame(1));
  }

  @Test
  void aPendingWriteShowsHowLongItTakes() {
    Subscription news = liveAt(0);
    assertThat(session.stalledNanos(nanos)).isZero();
    transport.mode(Mode.LATER);
    announce(news, 1, 2);
    assertThat(session.stalledNanos(nanos + 500)).isEqualTo(500);
    nanos += 1_000;
    transport.complete();
    assertThat(session.stalledNanos(nanos + 500)).isEqualTo(500);
    transport.complete();
    assertThat(session.stalledNanos(nanos + 500)).isZero();
  }

  /** A slow client that reads on is neither slow to death nor silent. */
  @Test
  void aWriteOfWhichSomethingLeavesIsNotStalledAndIsASignOfLife() {
    Subscription news = liveAt(0);
    transport.mode(Mode.LATER);
    announce(news, 1);
    assertThat(session.stalledNanos(nanos + 500)).isEqualTo(500);
    assertThat(session.pings().life(nanos, 0)).isEqualTo(Pings.Life.ALIVE);
    transport.takes(3);
    assertThat(session.stalledNanos(nanos + 800)).isEqualTo(1);
    assertThat(session.stalledNanos(nanos + 1_000)).isEqualTo(200);
    assertThat(session.pings().life(nanos, 0)).isEqualTo(Pings.Life.ALIVE);
    assertThat(session.pings().life(nanos, 0))
        .as("nothing left since")
        .isEqualTo(Pings.Life.SILENT);
    transport.complete();
    assertThat(session.pings().life(nanos, 0)).as("the rest has left").isEqualTo(Pings.Life.ALIVE);
  }

  @Test
  void aClientThatIsNotReadIsNotSilent() {
    session.pings().onReadingPaused();
    assertThat(session.pings().life(nanos, 0)).isEqualTo(Pings.Life.ALIVE);
    assertThat(session.pings().life(nanos, 0)).isEqualTo(Pings.Life.PINGED_JUST_NOW);
    session.pings().onReadingResumed();
    assertThat(session.pings().life(nanos, 0)).isEqualTo(Pings.Life.ALIVE);
    assertThat(session.pings().life(nanos, 0)).isEqualTo(Pings.Life.SILENT);
  }

  /** What the kernel takes at once says nothing about the client. */
  @Test
  void aWriteThatCompletesAtOnceIsNoSignOfLife() {
    Subscription news = liveAt(0);
    assertThat(session.pings().life(nanos, 0)).isEqualTo(Pings.Life.ALIVE);
    announce(news, 1);
    assertThat(session.pings().life(nanos, 0)).isEqualTo(Pings.Life.SILENT);
  }

  // The end
  // -----------------------------------------------------------------------------------------

  @Test
  void byeComesAfterTheAnswersAndTheCloseAfterBye() {
    Subscription news = liveAt(0);
    transport.mode(Mode.LATER);
    announce(news, 1, 2);
    session.send(new ServerEvent.Pong("a"));
    session.close(CloseReason.DRAIN, Duration.ofSeconds(1));
    assertThat(transport.closed()).isNull();
    announce(news, 3);
    session.send(new ServerEvent.Pong("b"));
    transport.completeAll();
    assertThat(transport.frames()).containsExactly(frame(1), "pong a", "bye drain");
    assertThat(transport.closed()).isEqualTo(CloseReason.DRAIN);
    assertThat(listener.events).doesNotContain("room");
  }

  @Test
  void theFirstReasonCounts() {
    session.close(CloseReason.DRAIN, Duration.ZERO);
    session.close(CloseReason.SILENT, Duration.ZERO);
    assertThat(transport.frames()).containsExactly("bye drain");
    assertThat(transport.closed()).isEqualTo(CloseReason.DRAIN);
    assertThat(session.closing()).isEqualTo(CloseReason.DRAIN);
  }

  @Test
  void anAbortCutsTheConnectionAndDropsTheQueue() {
    Subscription news = liveAt(0);
    transport.mode(Mode.LATER);
    announce(news, 1, 2, 3);
    session.abort(CloseReason.SLOW);
    assertThat(transport.aborted()).isTrue();
    assertThat(session.closing()).isEqualTo(CloseReason.SLOW);
    assertThat(session.queuedBytes()).isZero();
    assertThat(session.stalledNanos(nanos + 10)).isZero();
    transport.completeAll();
    announce(news, 4);
    assertThat(transport.frames()).containsExactly(frame(1));
    assertThat(transport.closed()).isNull();
  }

  @Test
  void theEndReturnsTheSubscriptionsOnce() {
    Subscription news = liveAt(0);
    assertThat(session.end()).containsExactly(news);
    assertThat(session.end()).isEmpty();
    assertThat(session.subscribe(new Channel.Topic("other"))).isNull();
    assertThat(session.hasEnded()).isTrue();
  }

  @Test
  void aChannelIsSubscribedOnce() {
    Subscription news = follow();
    assertThat(session.subscribe(NEWS)).isNull();
    assertThat(session.subscription(NEWS)).isSameAs(news);
    Subscription other = session.subscribe(new Channel.Topic("other"));
    assertThat(session.unsubscribe(NEWS)).isSameAs(news);
    assertThat(session.unsubscribe(NEWS)).isNull();
    assertThat(session.subscriptions()).containsExactly(other);
  }

  @Test
  void onlyWhatWasSentCanBeAcknowledged() {
    Subscription news = follow();
    assertThat(session.acknowledge(news, at(0))).isFalse();
    session.onPage(news, 0, page(4), null);
    announce(news, 5);
    assertThat(session.acknowledge(news, at(6))).isFalse();
    assertThat(session.acknowledge(news, new Position("other", 1))).isFalse();
    assertThat(session.acknowledge(news, at(5))).isTrue();
    assertThat(session.acknowledge(news, at(3))).isTrue();
    assertThat(news.acknowledged()).isEqualTo(at(5));
  }

  // Words
  // -------------------------------------------------------------------------------------------

  /** Hears nothing. */
  private static class QuietListener implements SessionListener {
    @Override
    public void onWritten(Session session, Message message, boolean live) {}

    @Override
    public void onRoom(Session session) {}

    @Override
    public void onPending(Session session) {}

    @Override
    public void onOverflow(Session session) {}
  }

  private Session sessionWith(int maxQueued, SessionListener reports) {
    return new Session(
        new Channel.OneSession("BBBBBBBBBBBBBBBBBBBBBB"),
        transport,
        new SessionContext(reports, maxQueued, () -> nanos),
        Identity.ANONYMOUS,
        NOW,
        Long.MAX_VALUE / 2);
  }

  private Subscription follow() {
    return follow(session);
  }

  private static Subscription follow(Session session) {
    Subscription subscription = session.subscribe(NEWS);
    if (subscription == null) {
      throw new AssertionError("followed already");
    }
    return subscription;
  }

  private Subscription liveAt(long offset) {
    Subscription subscription = follow();
    session.onPage(subscription, 0, new History(List.of(), at(offset), at(offset), true), null);
    return subscription;
  }

  private void announce(Subscription subscription, long... offsets) {
    for (long offset : offsets) {
      Message message = message("e1", offset);
      session.deliver(subscription, List.of(new EncodedMessage(message)));
    }
  }

  /** What the hub does: a page whenever the line is free, until nothing is behind. */
  private void readUpTo(long head, Subscription subscription) {
    for (int read = subscription.beginReading(); read != 0; read = subscription.beginReading()) {
      long next = cursor(subscription).offset() + 1;
      session.onPage(
          subscription, read, page(head, LongStream.rangeClosed(next, head).toArray()), null);
    }
  }

  private static Position cursor(Subscription subscription) {
    Position cursor = subscription.cursor();
    if (cursor == null) {
      throw new AssertionError("no cursor");
    }
    return cursor;
  }

  private static Position at(long offset) {
    return new Position("e1", offset);
  }

  private static History page(long head, long... offsets) {
    List<Message> messages =
        LongStream.of(offsets).mapToObj(offset -> message("e1", offset)).toList();
    boolean reaches =
        offsets.length == 0 || offsets.length > 2 || offsets[offsets.length - 1] == head;
    return new History(
        messages, reaches ? at(head) : messages.getLast().position(), at(head), true);
  }

  private static Message message(String epoch, long offset) {
    return message(new Position(epoch, offset), "e");
  }

  private static Message message(long offset, String event) {
    return message(at(offset), event);
  }

  private static Message message(Position position, String event) {
    return new Message("id", NEWS, position, event, "{}", NOW, null, null);
  }

  private static ServerEvent subscribed(long offset) {
    @Nullable String state = null;
    return new ServerEvent.Subscribed("1", NEWS, at(offset), true, null, state);
  }

  private static String subscribedFrame(long offset) {
    return "subscribed topic:news e1:" + offset;
  }

  private static String frame(long offset) {
    return "message topic:news e1:" + offset + " e";
  }
}

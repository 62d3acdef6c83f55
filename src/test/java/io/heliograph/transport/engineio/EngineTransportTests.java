package io.heliograph.transport.engineio;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.heliograph.session.CloseReason;
import io.heliograph.session.DuplexTransport;
import io.heliograph.session.Encoding;
import io.heliograph.session.Transport.WriteCallback;
import io.heliograph.session.TransportInfo;
import io.heliograph.transport.engineio.PollingCarrier.Answer;
import jakarta.servlet.http.HttpServletRequest;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The risk: a packet is lost, sent twice or out of order between two polls or during an upgrade, or
 * a session lives on without a client. No HTTP, no socket, and time passes when a test says so.
 */
class EngineTransportTests {

  private static final Duration POLL_TIMEOUT = Duration.ofSeconds(10);
  private static final Duration UPGRADE_TIMEOUT = Duration.ofSeconds(5);
  private static final String SID = "the-session";

  private static final EngineEndpoint ENDPOINT =
      EngineEndpoint.of(
          "/engine.io/",
          new EngineLimits(
              1_000,
              Duration.ofSeconds(25),
              Duration.ofSeconds(30),
              POLL_TIMEOUT,
              UPGRADE_TIMEOUT,
              Duration.ofSeconds(5),
              1_000),
          "test",
          event -> {
            throw new UnsupportedOperationException("no events here");
          },
          new Closed(),
          null);

  private final AtomicLong nanos = new AtomicLong();
  private final EngineSessions sessions = new EngineSessions();
  private final Recorder listener = new Recorder();
  private final EngineContext context = new EngineContext(ENDPOINT, sessions, nanos::get);

  private final EngineTransport session =
      EngineTransport.polling(context, SID, "192.0.2.1", listener);
  private final PollingCarrier polls = requireNonNull(sessions.find(SID));

  // Polls -----------------------------------------------------------------------------------------

  @Test
  void aWriteWithoutAPollWaitsForTheNextOne() {
    var done = write("hello");
    assertThat(done.results).isEmpty();

    assertThat(poll().answer).isEqualTo("4hello");
    assertThat(done.results).containsExactly("written");
  }

  @Test
  void aPollWaitsForTheNextWrite() {
    TestPoll poll = poll();
    assertThat(poll.answer).isNull();
    write("hello");
    assertThat(poll.answer).isEqualTo("4hello");
  }

  @Test
  void whatHasQueuedUpLeavesWithTheWriteThatWaited() {
    var done = new Done();
    done.more.add(frame("two"));
    done.more.add(frame("three"));
    session.write(new ByteBuffer[] {frame("one")}, done);
    assertThat(poll().answer).isEqualTo("4one\u001e4two\u001e4three");
    assertThat(done.results).containsExactly("written");
  }

  @Test
  void aWriteIsDoneWhenTheAnswerHasLeft() {
    TestPoll poll = new TestPoll(false);
    polls.poll(poll);
    var done = write("hello");
    assertThat(poll.answer).isEqualTo("4hello");
    assertThat(done.results).isEmpty();
    poll.leaves();
    assertThat(done.results).containsExactly("written");
  }

  @Test
  void thePollThatComesBeforeTheLastAnswerIsReportedWaitsForItsTurn() {
    TestPoll first = new TestPoll(false);
    polls.poll(first);
    var one = write("one");
    TestPoll second = new TestPoll(true);
    assertThat(polls.poll(second)).isEqualTo(Answer.OK);
    first.leaves();
    assertThat(one.results).containsExactly("written");
    write("two");
    assertThat(second.answer).isEqualTo("4two");
  }

  @Test
  void aSecondPollBesideOneThatWaitsEndsTheSession() {
    TestPoll first = poll();
    assertThat(polls.poll(new TestPoll(true))).isEqualTo(Answer.BROKEN);
    assertThat(first.answer).isEqualTo("1");
    assertThat(listener.events).containsExactly("open", "closed BAD_FRAME 4400");
    assertThat(sessions.find(SID)).isNull();
    assertThat(polls.poll(new TestPoll(true))).isEqualTo(Answer.UNKNOWN);
  }

  @Test
  void aPollThatIsCancelledEndsTheSession() {
    TestPoll poll = poll();
    polls.lost(poll);
    assertThat(listener.events).containsExactly("open", "closed GONE 1006");
    assertThat(sessions.size()).isZero();
  }

  @Test
  void anAnswerThatDoesNotArriveFailsItsWriteAndEndsTheSession() {
    TestPoll poll = new TestPoll(false);
    polls.poll(poll);
    var done = write("hello");
    poll.breaks();
    assertThat(done.results).containsExactly("failed");
    assertThat(listener.events).containsExactly("open", "closed GONE 1006");
  }

  @Test
  void anOldPollIsNotMissedWhenItsConnectionEndsLater() {
    TestPoll answered = poll();
    write("hello");
    TestPoll waiting = poll();
    polls.lost(answered);
    write("two");
    assertThat(waiting.answer).isEqualTo("4two");
  }

  @Test
  void aClientThatDoesNotPollIsGone() {
    write("never read");
    passes(POLL_TIMEOUT);
    assertThat(listener.events).containsExactly("open");
    passes(Duration.ofMillis(1));
    assertThat(listener.events).containsExactly("open", "closed GONE 1006");
    assertThat(sessions.size()).isZero();
  }

  @Test
  void aPollMayWaitForAsLongAsItLikes() {
    TestPoll poll = poll();
    passes(POLL_TIMEOUT.multipliedBy(10));
    write("late");
    assertThat(poll.answer).isEqualTo("4late");
    passes(POLL_TIMEOUT);
    assertThat(listener.events).containsExactly("open");
  }

  @Test
  void aClientThatTakesNothingOfAnAnswerIsSlowAndOneThatTakesSomeIsNot() {
    TestPoll poll = new TestPoll(false);
    polls.poll(poll);
    var done = write("a long answer");
    for (int i = 0; i < 5; i++) {
      passes(POLL_TIMEOUT);
      poll.left--;
      sessions.tick(nanos.get());
    }
    assertThat(listener.events).containsExactly("open");
    passes(POLL_TIMEOUT.plusMillis(1));
    assertThat(listener.events).containsExactly("open", "closed SLOW 4410");
    assertThat(poll.aborted).isTrue();
    assertThat(done.results).containsExactly("failed");
  }

  // Posts -----------------------------------------------------------------------------------------

  @Test
  void thePacketsOfAPostComeInOrder() {
    assertThat(post("4one\u001e4two\u001e3\u001ebAQID\u001e6")).isEqualTo(Answer.OK);
    assertThat(listener.events)
        .containsExactly("open", "message one", "message two", "pong -1", "binary 010203");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "abc", "0", "2", "2probe", "5", "7", "b*", "b", "4one\u001e\u001e4two"})
  void aForbiddenFrameIsAnsweredOnceAndNothingAfterIt(String body) {
    Answer answer = post(body + "\u001e4after");
    assertThat(answer).isEqualTo(body.equals("b") ? Answer.OK : Answer.BROKEN);
    if (!body.equals("b")) {
      assertThat(listener.events).filteredOn("malformed"::equals).hasSize(1);
      assertThat(listener.events).doesNotContain("message after", "message two");
    }
  }

  @Test
  void aPostBesideAnotherOneIsMalformed() {
    assertThat(polls.posts().begin()).isEqualTo(Answer.OK);
    assertThat(polls.posts().begin()).isEqualTo(Answer.BROKEN);
    assertThat(listener.events).containsExactly("open", "malformed");
    assertThat(polls.posts().end("4late")).isEqualTo(Answer.BROKEN);
    assertThat(listener.events).containsExactly("open", "malformed");
  }

  @Test
  void packetsAreNotHandledWhileReadingIsPaused() throws InterruptedException {
    listener.pausesAfter = "message one";
    Thread post = Thread.ofVirtual().start(() -> post("4one\u001e4two"));
    listener.paused.await();
    assertThat(listener.events).containsExactly("open", "message one");
    session.resumeReading();
    post.join();
    assertThat(listener.events).containsExactly("open", "message one", "message two");
  }

  @Test
  void theEndOfASessionReleasesAPostThatIsPaused() throws InterruptedException {
    listener.pausesAfter = "message one";
    Thread post = Thread.ofVirtual().start(() -> post("4one\u001e4two"));
    listener.paused.await();
    session.abort();
    post.join();
    assertThat(listener.events).containsExactly("open", "message one", "closed GONE 1006");
  }

  @Test
  void whatIsTooMuchIsDiscarded() {
    listener.packets = 2;
    assertThat(post("4one\u001e4two\u001e4three")).isEqualTo(Answer.BROKEN);
    assertThat(listener.events).containsExactly("open", "message one", "message two");
  }

  // Pings -----------------------------------------------------------------------------------------

  @Test
  void anAnswerNamesThePingThatItAnswers() {
    session.ping(7);
    assertThat(poll().answer).isEqualTo("2");
    post("3");
    post("3");
    assertThat(listener.events).containsExactly("open", "pong 7", "pong -1");
  }

  @Test
  void onlyTheLastAnswerToSeveralPingsProvesThatAllArrived() {
    session.ping(7);
    poll();
    session.ping(8);
    poll();
    post("3\u001e3");
    assertThat(listener.events).containsExactly("open", "pong -1", "pong 8");
  }

  @Test
  void pingsThatWaitForAPollAreOne() {
    session.ping(7);
    session.ping(8);
    write("hello");
    assertThat(poll().answer).isEqualTo("2\u001e4hello");
    post("3");
    assertThat(listener.events).containsExactly("open", "pong 8");
  }

  // Closing ---------------------------------------------------------------------------------------

  @Test
  void aCloseLeavesWithTheNextPollAndEndsTheSession() {
    session.close(CloseReason.DRAIN);
    assertThat(listener.events).containsExactly("open");
    assertThat(poll().answer).isEqualTo("1");
    assertThat(listener.events).containsExactly("open", "closed DRAIN 1001");
    assertThat(sessions.size()).isZero();
  }

  @Test
  void aCloseThatIsNotFetchedEndsTheSessionAllTheSame() {
    session.close(CloseReason.DRAIN);
    passes(POLL_TIMEOUT.plusMillis(1));
    assertThat(listener.events).containsExactly("open", "closed DRAIN 1001");
  }

  @Test
  void afterACloseNothingIsWrittenOrRead() {
    session.close(CloseReason.DRAIN);
    assertThat(write("late").results).containsExactly("failed");
    assertThat(polls.posts().begin()).isEqualTo(Answer.UNKNOWN);
  }

  @Test
  void aClientsCloseReleasesItsPoll() {
    TestPoll poll = poll();
    assertThat(post("1\u001e4after")).isEqualTo(Answer.OK);
    assertThat(poll.answer).isEqualTo("6");
    assertThat(listener.events).containsExactly("open", "closed GONE 1000");
    assertThat(polls.poll(new TestPoll(true))).isEqualTo(Answer.UNKNOWN);
  }

  @Test
  void aPollThatCrossesTheClientsCloseIsReleasedOnceAndNotForLong() {
    post("1");
    assertThat(poll().answer).isEqualTo("6");
    assertThat(polls.poll(new TestPoll(true))).isEqualTo(Answer.UNKNOWN);
    assertThat(sessions.size()).isZero();

    EngineTransport.polling(context, "other", "192.0.2.1", new Recorder());
    PollingCarrier other = requireNonNull(sessions.find("other"));
    other.posts().begin();
    other.posts().end("1");
    assertThat(sessions.find("other")).isNotNull();
    nanos.addAndGet(Duration.ofSeconds(2).toNanos());
    sessions.tick(nanos.get());
    assertThat(sessions.find("other")).isNull();
  }

  @Test
  void anAbortFailsWhatWaits() {
    var done = write("never read");
    session.abort();
    session.abort();
    assertThat(done.results).containsExactly("failed");
    assertThat(listener.events).containsExactly("open", "closed GONE 1006");
    assertThat(session.hasEnded()).isTrue();
  }

  // Upgrading -------------------------------------------------------------------------------------

  @Test
  void anUpgradeReleasesThePollAndGoesOnOnTheSocket() {
    TestPoll poll = poll();
    TestSocket socket = new TestSocket();
    assertThat(polls.offers(socket)).isTrue();
    assertThat(polls.probes(socket)).isTrue();
    assertThat(socket.packets()).containsExactly("3probe");
    assertThat(poll.answer).isEqualTo("6");
    assertThat(session.info().detachable()).isTrue();

    var done = write("held");
    assertThat(polls.upgrades(socket)).isTrue();
    assertThat(socket.packets()).containsExactly("3probe", "4held");
    assertThat(done.results).containsExactly("written");
    assertThat(session.info().kind()).isEqualTo("engineio-websocket");
    assertThat(session.info().detachable()).isFalse();
    assertThat(listener.events).containsExactly("open", "upgrade");
    assertThat(sessions.size()).isZero();
    session.ping(3);
    session.onText("3");
    assertThat(listener.events).containsExactly("open", "upgrade", "pong 3");
  }

  @Test
  void pollsDoNotWaitWhileTheSocketIsProbed() {
    TestSocket socket = probed();
    assertThat(poll().answer).isEqualTo("6");
    write("by the poll");
    assertThat(poll().answer).isEqualTo("4by the poll");
    assertThat(polls.upgrades(socket)).isTrue();
    assertThat(socket.packets()).containsExactly("3probe");
  }

  @Test
  void theSocketWaitsForTheAnswerThatStillLeaves() {
    TestPoll poll = new TestPoll(false);
    polls.poll(poll);
    var one = write("one");
    TestSocket socket = probed();
    assertThat(polls.upgrades(socket)).isTrue();
    session.ping(1);
    assertThat(socket.packets()).containsExactly("3probe");
    poll.leaves();
    assertThat(one.results).containsExactly("written");
    assertThat(socket.packets()).containsExactly("3probe", "2");
  }

  @Test
  void aSocketThatIsNotProbedDoesNotUpgrade() {
    TestSocket socket = new TestSocket();
    polls.offers(socket);
    assertThat(polls.upgrades(socket)).isFalse();
    TestSocket other = new TestSocket();
    assertThat(polls.offers(other)).isFalse();
    assertThat(polls.probes(other)).isFalse();
    assertThat(polls.upgrades(other)).isFalse();
    assertThat(session.info().kind()).isEqualTo("engineio-poll");
  }

  @Test
  void anUpgradeDuringAPostIsRefused() {
    TestSocket socket = probed();
    polls.posts().begin();
    assertThat(polls.upgrades(socket)).isFalse();
  }

  @Test
  void aSocketThatFailsLeavesTheSessionWithPolling() {
    TestSocket socket = probed();
    polls.withdraws(socket);
    TestPoll poll = poll();
    assertThat(poll.answer).isNull();
    write("hello");
    assertThat(poll.answer).isEqualTo("4hello");
    assertThat(polls.offers(new TestSocket())).isTrue();
  }

  @Test
  void anUpgradeThatIsNotCompletedEndsItsSocketAlone() {
    TestSocket socket = new TestSocket();
    polls.offers(socket);
    poll();
    passes(UPGRADE_TIMEOUT.plusMillis(1));
    assertThat(socket.closed).isEqualTo(CloseReason.BAD_FRAME);
    assertThat(listener.events).containsExactly("open");
  }

  @Test
  void theEndOfTheSessionEndsTheSocketOfAnUpgrade() {
    TestSocket socket = probed();
    session.abort();
    assertThat(socket.aborted).isTrue();
  }

  @Test
  void theSocketsEndIsTheSessionsEnd() {
    TestSocket socket = probed();
    polls.upgrades(socket);
    session.close(CloseReason.DRAIN);
    assertThat(socket.closed).isEqualTo(CloseReason.DRAIN);
    session.socketClosed(CloseReason.DRAIN, 1001);
    assertThat(listener.events).containsExactly("open", "upgrade", "closed DRAIN 1001");
  }

  @Test
  void aSecondWriteWhileOneIsUnderWayIsABug() {
    write("one");
    assertThatThrownBy(() -> write("two")).isInstanceOf(IllegalStateException.class);
  }

  @Test
  void aSocketThatBreaksWithTheFirstPacketEndsTheSession() {
    var recorder = new Recorder();
    var socket =
        new EngineSocket(
            EngineTransport.forSocket(context, "192.0.2.1", recorder), frame("the opening"));
    TestSocket broken = new TestSocket();
    broken.onWrite = () -> socket.onClosed(CloseReason.GONE, 1006);
    socket.onOpen(broken);
    assertThat(recorder.events).containsExactly("open", "closed GONE 1006");
  }

  @Test
  void aSocketThatBreaksWhileItUpgradesEndsTheSession() {
    var upgrade = new EngineUpgrade(polls);
    TestSocket broken = new TestSocket();
    upgrade.onOpen(broken);
    upgrade.onText("2probe");
    write("held");
    broken.onWrite = () -> upgrade.onClosed(CloseReason.GONE, 1006);
    upgrade.onText("5");
    assertThat(listener.events).containsExactly("open", "upgrade", "closed GONE 1006");
  }

  @Test
  void ofManyPostsAtOnceTheFirstThatIsTooManyIsReported() {
    assertThat(polls.posts().begin()).isEqualTo(Answer.OK);
    for (int i = 0; i < 100; i++) {
      assertThat(polls.posts().begin()).isEqualTo(Answer.BROKEN);
    }
    assertThat(listener.events).containsExactly("open", "malformed");
  }

  @Test
  void aCandidateThatHasEndedBeforeItOpensLeavesRoomForAnother() {
    TestSocket dead = new TestSocket();
    dead.abort();
    new EngineUpgrade(polls).onOpen(dead);
    assertThat(polls.offers(new TestSocket())).isTrue();
  }

  @Test
  void anAnswerOnAConnectionThatBrokeWhileItWasTakenOverIsNotWaitedForForEver() {
    var poll = new HttpPoll(polls);
    assertThat(polls.poll(poll)).isEqualTo(Answer.OK);
    assertThat(poll.answerAtOnce()).isNull();
    var done = write("never read");
    passes(Duration.ofMillis(1));
    passes(POLL_TIMEOUT.plusMillis(1));
    assertThat(listener.events).containsExactly("open", "closed SLOW 4410");
    assertThat(done.results).containsExactly("failed");
  }

  // Helpers ---------------------------------------------------------------------------------------

  private Done write(String text) {
    var done = new Done();
    session.write(new ByteBuffer[] {frame(text)}, done);
    return done;
  }

  /** Whose time stands still. */
  static EngineContext context() {
    return new EngineContext(ENDPOINT, new EngineSessions(), () -> 0);
  }

  static ByteBuffer frame(String text) {
    return EngineFraming.TEXT
        .frame(ByteBuffer.wrap(text.getBytes(StandardCharsets.UTF_8)))
        .duplicate();
  }

  private TestPoll poll() {
    TestPoll poll = new TestPoll(true);
    assertThat(polls.poll(poll)).isEqualTo(Answer.OK);
    return poll;
  }

  private Answer post(String body) {
    Answer begun = polls.posts().begin();
    return begun == Answer.OK ? polls.posts().end(body) : begun;
  }

  private TestSocket probed() {
    TestSocket socket = new TestSocket();
    assertThat(polls.offers(socket)).isTrue();
    assertThat(polls.probes(socket)).isTrue();
    return socket;
  }

  private void passes(Duration time) {
    nanos.addAndGet(time.toNanos());
    sessions.tick(nanos.get());
  }

  /** How a write ended; and what has queued up behind it. */
  static final class Done implements WriteCallback {

    final List<String> results = new ArrayList<>();
    final List<ByteBuffer> more = new ArrayList<>();

    @Override
    public void written(@Nullable Throwable failure) {
      results.add(failure == null ? "written" : "failed");
    }

    @Override
    public ByteBuffer[] more() {
      return more.toArray(ByteBuffer[]::new);
    }
  }

  /** A GET whose answer leaves at once, or when the test says so. */
  static final class TestPoll implements Poll {

    private final boolean atOnce;
    @Nullable String answer;
    private @Nullable WriteCallback done;
    int left;
    boolean aborted;

    TestPoll(boolean atOnce) {
      this.atOnce = atOnce;
    }

    @Override
    public void answer(ByteBuffer body, WriteCallback whenDone) {
      if (answer != null) {
        throw new IllegalStateException("answered twice");
      }
      answer = StandardCharsets.UTF_8.decode(body).toString();
      left = answer.length();
      done = whenDone;
      if (atOnce) {
        leaves();
      }
    }

    void leaves() {
      left = 0;
      end(null);
    }

    void breaks() {
      end(new IOException("the line broke"));
    }

    private void end(@Nullable Throwable failure) {
      WriteCallback reported = done;
      done = null;
      if (reported != null) {
        reported.written(failure);
      }
    }

    @Override
    public int unsent() {
      return left;
    }

    @Override
    public void abort() {
      aborted = true;
    }
  }

  /** A WebSocket that keeps what is written to it. */
  static final class TestSocket implements DuplexTransport {

    private final List<ByteBuffer> written = new ArrayList<>();
    @Nullable CloseReason closed;
    @Nullable Runnable onWrite;
    boolean aborted;

    List<String> packets() {
      List<String> packets = new ArrayList<>();
      for (ByteBuffer frame : written) {
        String payload =
            StandardCharsets.UTF_8
                .decode(PollPayload.of(new ByteBuffer[] {frame.duplicate()}))
                .toString();
        packets.addAll(List.of(payload.split("\u001e")));
      }
      return packets;
    }

    @Override
    public void write(ByteBuffer[] frames, WriteCallback done) {
      for (ByteBuffer frame : frames) {
        written.add(frame.duplicate());
      }
      Runnable then = onWrite;
      if (then != null) {
        then.run();
        done.written(new IOException("the line broke"));
        return;
      }
      done.written(null);
    }

    @Override
    public void pauseReading() {}

    @Override
    public void resumeReading() {}

    @Override
    public TransportInfo info() {
      throw new UnsupportedOperationException("the session's own counts");
    }

    @Override
    public Encoding encoding() {
      throw new UnsupportedOperationException("the session's own counts");
    }

    @Override
    public String remoteAddress() {
      return "192.0.2.1";
    }

    @Override
    public void ping(int number) {
      throw new UnsupportedOperationException("packets are sent instead");
    }

    @Override
    public void close(CloseReason reason) {
      closed = reason;
    }

    @Override
    public boolean hasEnded() {
      return aborted;
    }

    @Override
    public void abort() {
      aborted = true;
    }
  }

  /** Nobody asks it: the sessions of these tests are made without a request. */
  private record Closed() implements EngineGate {

    @Override
    public Decision open(HttpServletRequest request) {
      throw new UnsupportedOperationException("no requests here");
    }

    @Override
    public @Nullable Refused further(HttpServletRequest request) {
      return null;
    }
  }
}

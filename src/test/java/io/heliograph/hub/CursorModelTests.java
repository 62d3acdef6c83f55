package io.heliograph.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.broker.Broker;
import io.heliograph.broker.BrokerListener;
import io.heliograph.broker.LogProperties;
import io.heliograph.broker.ReceiptWish;
import io.heliograph.broker.memory.MemoryBrokers;
import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.Message;
import io.heliograph.message.Position;
import io.heliograph.message.Published;
import io.heliograph.session.CloseReason;
import io.heliograph.session.Identity;
import io.heliograph.session.Session;
import io.heliograph.support.DelegatingBroker;
import io.heliograph.support.HubOfTests;
import io.heliograph.support.ManualClock;
import io.heliograph.support.RecordingTransport;
import io.heliograph.support.RecordingTransport.Mode;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import java.util.stream.LongStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.springframework.util.unit.DataSize;

/**
 * Random schedules of everything that can go wrong between a push and a browser, against a model
 * that knows what was pushed. Each client sees each message at most once and in order, and each one
 * or a notice that some are gone.
 */
class CursorModelTests {

  private static final Channel NEWS = new Channel.Topic("news");
  private static final int STEPS = 150;

  static LongStream seeds() {
    return LongStream.rangeClosed(1, 300);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void everyClientSeesEverythingOnceAndInOrderOrGetsAGap(long seed) {
    new Schedule(seed).run();
  }

  /** One run of the world. */
  private static final class Schedule {

    private final Random random;
    private final ManualClock clock = new ManualClock();
    private final UnreliableBroker broker;
    private final HubParts parts;
    private final List<Client> clients = new ArrayList<>();
    private final List<String> pushed = new ArrayList<>();
    private long nanos;

    Schedule(long seed) {
      random = new Random(seed);
      int retained = random.nextBoolean() ? 1_000 : 2 + random.nextInt(10);
      broker = new UnreliableBroker(random, retained, clock);
      DataSize maxQueued = DataSize.ofBytes(60 + random.nextInt(600));
      parts = HubOfTests.on(broker, maxQueued, clock, () -> nanos);
      parts.start();
    }

    void run() {
      try {
        for (int i = 1 + random.nextInt(3); i > 0; i--) {
          clients.add(new Client());
        }
        for (int step = 0; step < STEPS; step++) {
          step();
        }
        settle();
        clients.forEach(Client::hasSeenEverything);
      } finally {
        parts.stop();
      }
    }

    private void step() {
      Client some = clients.get(random.nextInt(clients.size()));
      switch (random.nextInt(20)) {
        case 0 -> some.cutAndResume();
        case 1 -> parts.listener().onInterruption();
        case 2 -> parts.hub().tick();
        case 3 -> broker.announceSome();
        case 4 -> broker.answerSome();
        case 5, 6 -> some.transport.complete();
        case 7 -> some.slow();
        case 8, 9 -> some.fast();
        case 10 -> {
          if (random.nextInt(10) == 0) {
            broker.loseTheLogs();
          }
        }
        case 11 -> broker.moods();
        default -> push();
      }
    }

    private void push() {
      String event = "m" + pushed.size();
      pushed.add(event);
      parts.publisher().publish(NEWS, Draft.of(event, "{}", clock.instant())).join();
    }

    /**
     * The network is well again, and the periodic look at the heads finds what announcements lost.
     */
    private void settle() {
      broker.becomeReliable();
      clients.forEach(Client::fast);
      for (int i = 0; i < 3; i++) {
        parts.listener().onInterruption();
        parts.hub().tick();
      }
      push();
      for (int i = 0; i < 3; i++) {
        parts.hub().tick();
      }
    }

    /**
     * A browser: what it received on all its connections, and the position from which it resumes.
     */
    private final class Client {
      private RecordingTransport transport = new RecordingTransport();
      private Session session;
      private final Set<String> seen = new HashSet<>();
      private final int firstOwed = pushed.size();
      private @Nullable Position position;
      private int lastSeen = -1;

      /** Whether it may find messages missing before the next one that it sees. */
      private boolean lossReported = true;

      /** Messages after the last notice must follow one another without a hole. */
      private boolean anythingSeen;

      Client() {
        session = connect();
      }

      private Session connect() {
        transport = new RecordingTransport().mode(random.nextBoolean() ? Mode.AT_ONCE : Mode.LATER);
        Identity identity = new Identity(null, Set.of(NEWS), null);
        Session fresh = parts.hub().connect(transport, identity);
        if (fresh == null) {
          throw new AssertionError("no room");
        }
        parts.subscriptions().subscribe(fresh, "1", NEWS, position, ChannelRight.OWN);
        return fresh;
      }

      void cutAndResume() {
        read();
        parts.hub().disconnect(session, CloseReason.GONE);
        session = connect();
      }

      void slow() {
        transport.mode(Mode.LATER);
      }

      void fast() {
        transport.mode(Mode.AT_ONCE);
        transport.complete();
      }

      /** Takes in what came over this transport; called once a transport, at its end. */
      private void read() {
        boolean subscribed = false;
        for (String frame : transport.received()) {
          String[] words = frame.split(" ");
          if (!words[0].equals("welcome") && !words[1].equals(NEWS.text())) {
            continue; // A gap on one of the session's own channels.
          }
          switch (words[0]) {
            case "welcome" -> {}
            case "subscribed" -> {
              assertThat(subscribed).as("answered once").isFalse();
              subscribed = true;
              if (words.length > 3 || position == null) {
                lossReported = true;
              }
              position = Position.parse(words[2]);
            }
            case "gap" -> {
              assertThat(subscribed).isTrue();
              lossReported = true;
              position = Position.parse(words[2]);
            }
            case "message" -> {
              assertThat(subscribed).as("the answer comes before messages").isTrue();
              see(Position.parse(words[2]), words[3]);
            }
            default -> throw new AssertionError("unexpected: " + frame);
          }
        }
      }

      private void see(Position at, String event) {
        assertThat(seen.add(event)).as("%s for the first time", event).isTrue();
        int index = pushed.indexOf(event);
        assertThat(index).as("order").isGreaterThan(lastSeen);
        if (!lossReported && anythingSeen) {
          assertThat(index).as("no silent hole before %s", event).isEqualTo(lastSeen + 1);
        }
        Position before = position;
        if (before != null && !lossReported) {
          assertThat(at).isEqualTo(before.at(before.offset() + 1));
        }
        lossReported = false;
        anythingSeen = true;
        lastSeen = index;
        position = at;
      }

      void hasSeenEverything() {
        read();
        assertThat(lastSeen).as("the newest message has come").isEqualTo(pushed.size() - 1);
        assertThat(position).isEqualTo(broker.head(NEWS).join());
        if (!broker.everLost()) {
          assertThat(seen)
              .containsAll(pushed.subList(Math.max(firstOwed, firstSeen()), pushed.size()));
        }
      }

      private int firstSeen() {
        return seen.stream().mapToInt(pushed::indexOf).min().orElse(pushed.size());
      }
    }
  }

  /**
   * The in-memory broker behind a bad network: announcements are lost, doubled and late, answers
   * take their time.
   */
  private static final class UnreliableBroker extends DelegatingBroker {

    private final Random random;
    private final int retained;
    private final ManualClock clock;
    private Broker broker;
    private final List<Message> late = new ArrayList<>();
    private final ArrayDeque<Runnable> answers = new ArrayDeque<>();
    private boolean reliable;
    private boolean lossy;
    private boolean slowAnswers;
    private boolean lostLogs;
    private int published;

    UnreliableBroker(Random random, int retained, ManualClock clock) {
      this.random = random;
      this.retained = retained;
      this.clock = clock;
      this.broker = newBroker();
    }

    private Broker newBroker() {
      Broker fresh =
          MemoryBrokers.with(
              new LogProperties(
                  retained, DataSize.ofMegabytes(1), Duration.ofHours(1), DataSize.ofMegabytes(8)),
              clock);
      fresh.start(
          new BrokerListener() {
            @Override
            public void onMessage(Message message) {
              meets(message);
            }

            @Override
            public void onInterruption() {}
          });
      return fresh;
    }

    /** Its fate on the transport. */
    private void meets(Message message) {
      int fate = reliable || !lossy ? 9 : random.nextInt(8);
      switch (fate) {
        case 0, 1 -> {}
        case 2 -> {
          announce(message);
          announce(message);
        }
        case 3, 4 -> late.add(message);
        default -> announce(message);
      }
    }

    void moods() {
      lossy = random.nextBoolean();
      slowAnswers = random.nextBoolean();
    }

    void announceSome() {
      while (!late.isEmpty() && random.nextInt(3) > 0) {
        announce(late.remove(random.nextInt(late.size())));
      }
    }

    void answerSome() {
      while (!answers.isEmpty() && random.nextInt(3) > 0) {
        answers.remove().run();
      }
    }

    void becomeReliable() {
      reliable = true;
      late.clear();
      slowAnswers = false;
      while (!answers.isEmpty()) {
        answers.remove().run();
      }
    }

    /** Begins again with new epochs, as after a restart of the one node that held them. */
    void loseTheLogs() {
      lostLogs = true;
      broker = newBroker();
      broker.subscribe(NEWS);
    }

    boolean everLost() {
      return lostLogs || published > retained;
    }

    @Override
    protected Broker broker() {
      return broker;
    }

    /** Read when it was asked for, whenever it arrives. */
    @Override
    protected <T> CompletableFuture<T> answer(Supplier<CompletableFuture<T>> ask) {
      CompletableFuture<T> answer = ask.get();
      if (!slowAnswers) {
        return answer;
      }
      CompletableFuture<T> later = new CompletableFuture<>();
      answers.add(() -> later.complete(answer.join()));
      return later;
    }

    @Override
    public CompletableFuture<Published> publish(
        Channel channel, Draft draft, @Nullable ReceiptWish wish) {
      published++;
      return super.publish(channel, draft, wish);
    }

    @Override
    public CompletableFuture<Void> subscribe(Channel channel) {
      return answer(() -> super.subscribe(channel));
    }
  }
}

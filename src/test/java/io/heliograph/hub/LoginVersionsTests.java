package io.heliograph.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.Position;
import io.heliograph.session.Subscription;
import io.heliograph.support.RecordingTransport.Mode;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Versions never go back on one socket, whatever overtakes what: announcements, pages of the log,
 * snapshots, and the regular look at the store.
 */
class LoginVersionsTests {

  private final LoginScenario world = new LoginScenario();

  @Test
  void theUsualWay() {
    world.subscribes().moves().moves();
    assertThat(world.received()).containsExactly("=1", "2", "3");
  }

  @Test
  void whatIsAnnouncedBeforeThePageIsInTheSnapshotAndIsNotRepeated() {
    world.broker.holdAnswers();
    world.subscribes().moves().moves();
    world.broker.releaseAnswers();
    assertThat(world.received()).containsExactly("=3");
    world.moves();
    assertThat(world.received()).containsExactly("=3", "4");
  }

  @Test
  void whatIsAnnouncedBetweenThePageAndTheSnapshotIsNotRepeated() {
    world.holdSnapshots();
    world.subscribes();
    world.moves();
    world.snapshotArrives(); // Read before the move.
    assertThat(world.received()).containsExactly("=1", "2");
  }

  @Test
  void aNewerSnapshotSilencesAnOlderAnnouncement() {
    world.broker.holdAnnouncements();
    world.moves().moves().subscribes();
    world.broker.releaseAnnouncements();
    assertThat(world.received()).containsExactly("=3");
  }

  @Test
  void aSnapshotThatWasOvertakenIsTakenAgain() {
    world.subscribes();
    world.holdSnapshots();
    world.subscribes().moves();
    assertThat(world.received()).containsExactly("=1", "2");
    world.snapshotArrives();
    assertThat(world.received()).as("not the one that was read first").containsExactly("=1", "2");
    world.releaseSnapshots();
    assertThat(world.received()).containsExactly("=1", "2", "=2");
  }

  @Test
  void theAnswerToAnEarlierRequestIsNotOlderThanTheAnswerToALater() {
    world.holdSnapshots();
    world.subscribes().changes().subscribes();
    // Both wait: the first knows 1, the second 2.
    world.newestSnapshotArrives();
    assertThat(world.received()).containsExactly("=2");
    world.releaseSnapshots();
    assertThat(world.received()).containsExactly("=2", "=2");
  }

  @Test
  void anAnswerThatOutlivesItsSubscriptionIsNotOlderEither() {
    world.holdSnapshots();
    world.subscribes();
    world.unsubscribes();
    world.changes();
    world.subscribes();
    world.newestSnapshotArrives();
    assertThat(world.received()).containsExactly("=2");
    world.releaseSnapshots();
    assertThat(world.received()).containsExactly("=2", "=2");
  }

  @Test
  void aRestartWithAPositionGoesOnAtTheSnapshot() {
    world.subscribes().moves();
    Position position = cursor();
    world.moves().subscribes(position);
    world.moves();
    assertThat(world.received()).containsExactly("=1", "2", "3", "=3", "4");
  }

  @Test
  void announcementsThatOvertookEachOtherTellTheNewerAlone() {
    world.subscribes().changes().changes();
    world.announces(3).announces(2).moves();
    assertThat(world.received()).containsExactly("=1", "3", "4");
    assertThat(cursor().offset()).as("the cursor went over what was passed over").isEqualTo(3);
  }

  @Test
  void aStateThatFoundNoRoomIsReadFromTheLogOnce() {
    LoginScenario narrow = new LoginScenario(100);
    narrow.subscribes();
    narrow.transport.mode(Mode.LATER);
    fill(narrow, 3);
    narrow.moves().moves();
    narrow.transport.mode(Mode.AT_ONCE).completeAll();
    narrow.neverWentBack();
    assertThat(narrow.received().getLast()).isEqualTo("3");
    assertThat(narrow.received()).doesNotHaveDuplicates();
  }

  @Test
  void aStateThatFoundNoRoomIsNotRepeatedAfterTheSnapshotThatHadIt() {
    LoginScenario narrow = new LoginScenario(120);
    narrow.subscribes();
    narrow.transport.mode(Mode.LATER);
    narrow.moves(); // On the line.
    fill(narrow, 1);
    narrow.moves();
    narrow.subscribes();
    narrow.transport.mode(Mode.AT_ONCE).completeAll();
    narrow.neverWentBack();
    narrow.everyRequestWasAnsweredOnce();
    assertThat(narrow.newestReceived()).isEqualTo(3);
  }

  /** Case 84. */
  @Test
  void theLastStateIsSentOnceAndEndsTheSubscription() {
    world.subscribes();
    world.broker.holdAnnouncements();
    world.version = LoginScenario.LAST;
    world.announces(LoginScenario.LAST);
    world.broker.announceOne(true);
    assertThat(world.received()).containsExactly("=1", "6");
    assertThat(world.follows()).isFalse();
    assertThat(world.isSubscribed()).isFalse();
    assertThat(world.looks()).isZero();
  }

  @Test
  void theLastStateInASnapshotIsNotSentAgain() {
    world.broker.holdAnnouncements();
    world.subscribes();
    world.version = LoginScenario.LAST;
    world.announces(LoginScenario.LAST).subscribes();
    world.broker.releaseAnnouncements();
    assertThat(world.received()).containsExactly("=1", "=6");
    assertThat(world.follows()).isFalse();
  }

  @Test
  void aLostAnnouncementIsMadeGoodByALookAtTheStore() {
    world.subscribes();
    assertThat(world.looks()).as("it knows").isZero();
    world.changes();
    Position before = cursor();
    assertThat(world.looks()).isOne();
    assertThat(world.looks()).isZero();
    assertThat(world.received()).containsExactly("=1", "2");
    assertThat(cursor()).as("the log holds nothing of it").isEqualTo(before);
    world.announces(2).moves();
    assertThat(world.received()).containsExactly("=1", "2", "3");
  }

  @Test
  void theStoreSuppliesStatesWhileTheBrokerIsAway() {
    world.subscribes();
    world.broker.away(true);
    world.moves();
    assertThat(world.received()).containsExactly("=1");
    assertThat(world.looks()).isOne();
    world.parts.listener().onInterruption();
    world.parts.hub().tick();
    world.version = LoginScenario.LAST;
    assertThat(world.looks()).isOne();
    assertThat(world.received()).containsExactly("=1", "2", "6");
    assertThat(world.follows()).isFalse();
  }

  @Test
  void aLookWaitsForTheAnswerToTheSubscribe() {
    world.holdSnapshots();
    world.subscribes().changes();
    assertThat(world.looks()).isZero();
    world.releaseSnapshots();
    assertThat(world.received()).containsExactly("=1");
    assertThat(world.looks()).isOne();
  }

  @Test
  void aSlowSessionReadsItsLogWhenItHasRoom() {
    LoginScenario narrow = new LoginScenario(60);
    narrow.subscribes();
    narrow.transport.mode(Mode.LATER);
    fill(narrow, 2);
    narrow.changes();
    assertThat(narrow.looks()).isZero();
    narrow.transport.mode(Mode.AT_ONCE).completeAll();
    assertThat(narrow.looks()).isOne();
  }

  @Test
  void aStoreThatForgotIsNotRepeated() {
    world.subscribes().moves();
    world.storeGoesBack();
    world.subscribes();
    assertThat(world.received()).containsExactly("=1", "2", "=");
  }

  @Test
  void aStoreThatIsDownRefusesAndTheSocketStays() {
    world.storeDown();
    world.subscribes();
    assertThat(world.received()).hasSize(1).first().asString().endsWith("store-unavailable");
    assertThat(world.follows()).isFalse();
    assertThat(world.session.isOpen()).isTrue();
  }

  @Test
  void aStoreThatIsDownTakesNothingFromWhoFollows() {
    world.subscribes();
    world.storeDown();
    world.subscribes().subscribes(cursor());
    world.parts.hub().tick();
    world.moves();
    assertThat(world.received()).hasSize(4).startsWith("=1").endsWith("2");
  }

  private Position cursor() {
    Subscription subscription =
        Objects.requireNonNull(world.session.subscription(LoginScenario.LOGIN), "it follows");
    return Objects.requireNonNull(subscription.cursor());
  }

  /** Messages to everyone that a slow line has to take as well. */
  private static void fill(LoginScenario world, int messages) {
    for (int i = 0; i < messages; i++) {
      var _ =
          world
              .parts
              .publisher()
              .publish(Channel.EVERYONE, Draft.of("filling", "{}", Instant.EPOCH));
    }
  }

  // Every order -----------------------------------------------------------------------------------

  static LongStream seeds() {
    return LongStream.rangeClosed(1, 500);
  }

  @ParameterizedTest(name = "seed {0}")
  @MethodSource("seeds")
  void versionsNeverGoBackAndTheNewestIsSentWhateverOvertakesWhat(long seed) {
    Random random = new Random(seed);
    LoginScenario any = new LoginScenario(random.nextBoolean() ? 1_000 : 60 + random.nextInt(150));
    List<Integer> untold = new ArrayList<>();
    any.broker.holdAnnouncements();
    any.broker.holdAnswers();
    any.holdSnapshots();
    for (int step = 0; step < 60; step++) {
      switch (random.nextInt(16)) {
        case 0, 1 -> {
          if (any.version < LoginScenario.LAST) {
            untold.add(any.changes().version);
          }
        }
        case 2, 3, 4 -> {
          if (!untold.isEmpty()) {
            any.announces(untold.remove(/* index */ random.nextInt(untold.size())));
          }
        }
        case 5, 6 -> any.broker.announceOne(random.nextInt(4) == 0);
        case 7, 8 -> any.broker.answerOne();
        case 9, 10 -> any.snapshotArrives();
        case 11 -> any.subscribes();
        case 12 -> {
          if (random.nextInt(3) == 0) {
            any.unsubscribes();
          } else {
            any.looks();
          }
        }
        case 13 -> {
          any.transport.mode(random.nextBoolean() ? Mode.LATER : Mode.AT_ONCE);
          any.transport.complete();
        }
        case 14 -> fill(any, random.nextInt(3));
        default -> {
          any.parts.listener().onInterruption();
          any.parts.hub().tick();
          if (random.nextInt(5) == 0) {
            any.broker.loseAnnouncements();
          }
        }
      }
    }
    any.transport.mode(Mode.AT_ONCE).completeAll();
    any.broker.releaseAnswers();
    any.releaseSnapshots();
    any.broker.releaseAnnouncements();
    if (any.follows()) {
      any.looks();
    } else {
      any.subscribes();
    }
    any.neverWentBack();
    if (any.session.isOpen()) {
      any.everyRequestWasAnsweredOnce();
      assertThat(any.newestReceived()).isEqualTo(any.version);
      assertThat(any.follows()).isEqualTo(any.version < LoginScenario.LAST);
    }
  }
}

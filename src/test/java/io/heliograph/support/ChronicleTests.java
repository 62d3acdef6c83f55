package io.heliograph.support;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** A checker that has never failed checks nothing: each promise is broken here once. */
class ChronicleTests {

  private static final String ALICE = "user:alice";
  private static final Set<String> PRESENT = Set.of("alice");

  private final Chronicle chronicle = new Chronicle();

  @Test
  void whatIsAcceptedAndReceivedIsInOrder() {
    begin();
    accepted("a", "e:1");
    accepted("b", "e:2");
    received("e:1", "a");
    received("e:2", "b");
    // Once more on the wire, after a reconnect.
    received("e:1", "a");
    received("e:2", "b");
    assertThat(chronicle.broken(PRESENT)).isEmpty();
    assertThat(chronicle.taken("alice")).containsExactly("a", "b");
  }

  @Test
  void acceptedAndVanished() {
    begin();
    accepted("a", "e:1");
    assertThat(chronicle.isSettled(PRESENT)).isFalse();
    broken("I1", "accepted and vanished");
  }

  @Test
  void anAbsentClientFindsItInTheLogOrItHasVanished() {
    begin();
    accepted("a", "e:1");
    assertThat(chronicle.broken(Set.of())).hasSize(1);
    chronicle.kept(ALICE, "e:1", "a");
    assertThat(chronicle.broken(Set.of())).isEmpty();
    broken("I1");
  }

  @Test
  void aLossThatWasReportedIsNoSilentLoss() {
    begin();
    accepted("a", "e:1");
    accepted("b", "e:2");
    accepted("c", "e:3");
    received("e:1", "a");
    chronicle.gap("alice", ALICE, "e:2");
    received("e:3", "c");
    assertThat(chronicle.broken(PRESENT)).isEmpty();
  }

  @Test
  void aNewLogThatWasReportedEndsTheOldOne() {
    begin();
    accepted("a", "e:1");
    accepted("b", "f:1");
    chronicle.gap("alice", ALICE, "f:0");
    received("f:1", "b");
    assertThat(chronicle.broken(PRESENT)).isEmpty();
  }

  @Test
  void aNewLogWithoutAWord() {
    begin();
    accepted("b", "f:1");
    received("f:1", "b");
    broken("I4", "another log");
  }

  @Test
  void aNewSessionGetsNothingThatWasPublishedBefore() {
    accepted("a", "e:1");
    chronicle.follows("alice", ALICE, "e:1");
    assertThat(chronicle.broken(PRESENT)).isEmpty();
  }

  @Test
  void tookEffectTwice() {
    begin();
    accepted("a", "e:1");
    received("e:1", "a");
    received("e:2", "a");
    broken("I2", "took effect twice");
  }

  @Test
  void inTheLogTwice() {
    chronicle.kept(ALICE, "e:1", "a");
    chronicle.kept(ALICE, "e:2", "a");
    broken("I2", "in the log twice");
  }

  @Test
  void receivedByWhoDoesNotFollow() {
    begin();
    chronicle.received("mallory", ALICE, "e:1", "a");
    broken("I3", "not for this client");
  }

  @Test
  void receivedOnAnotherChannel() {
    begin();
    chronicle.answered("b", "user:bob", 202, "id-b", "e:1");
    received("e:1", "b");
    broken("I3", "pushed to user:bob");
  }

  @Test
  void aHoleWithoutAWord() {
    begin();
    received("e:1", "a");
    received("e:3", "c");
    broken("I4", "a hole");
  }

  @Test
  void refusedAndDoneAllTheSame() {
    begin();
    chronicle.answered("a", ALICE, 422, "", "");
    received("e:1", "a");
    broken("I5", "refused and done");
  }

  @Test
  void withoutAnAnswerWhetherItHappened() {
    begin();
    chronicle.answered("a", ALICE, 503, "", "");
    chronicle.answered("b", ALICE, Chronicle.NO_ANSWER, "", "");
    received("e:1", "b");
    assertThat(chronicle.broken(PRESENT)).isEmpty();
    assertThat(chronicle.unknown()).isEqualTo(2);
    assertThat(chronicle.accepted()).isZero();
  }

  @Test
  void oneRequestWithTwoAnswers() {
    begin();
    accepted("a", "e:1");
    received("e:1", "a");
    accepted("a", "e:1");
    assertThat(chronicle.broken(PRESENT)).isEmpty();
    accepted("a", "e:2");
    broken("I5", "two answers");
  }

  private void begin() {
    chronicle.follows("alice", ALICE, "e:0");
  }

  private void accepted(String mark, String position) {
    chronicle.answered(mark, ALICE, 202, "id-" + mark, position);
  }

  private void received(String position, String mark) {
    chronicle.received("alice", ALICE, position, mark);
  }

  private void broken(String... words) {
    List<String> all = chronicle.broken(PRESENT);
    assertThat(all).isNotEmpty();
    assertThat(all.getFirst()).contains(words);
    assertThatThrownBy(() -> chronicle.check(PRESENT)).hasMessageContainingAll(words);
  }
}

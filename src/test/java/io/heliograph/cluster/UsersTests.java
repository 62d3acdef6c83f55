package io.heliograph.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class UsersTests {

  @Test
  void aUserOnTwoNodesCountsOnce() {
    Users all = Users.together(List.of(users(0, 5_000), users(4_000, 9_000), users(0, 0)));
    assertThat(all.all()).isTrue();
    assertThat(all.count()).isEqualTo(9_000);
  }

  @Test
  void veryManyAreEstimatedAndThatIsSaid() {
    Users all = Users.together(List.of(users(0, 60_000), users(40_000, 100_000), users(0, 10)));
    assertThat(all.all()).isFalse();
    assertThat(all.count()).isCloseTo(100_000, Percentage.withPercentage(5));
  }

  @Test
  void asManyAsCanBeToldAreExact() {
    assertThat(users(0, Users.MOST).all()).isTrue();
    assertThat(users(0, Users.MOST).count()).isEqualTo(Users.MOST);
    assertThat(users(0, Users.MOST + 1).all()).isFalse();
    assertThat(users(0, Users.MOST + 1).numbers()).hasSize(Users.MOST);
  }

  @Test
  void theSameUserTwiceIsOneAndLeavesNobodyOut() {
    Users users = Users.of(Stream.of("alice", "bob", "alice"));
    assertThat(users.count()).isEqualTo(2);
    assertThat(users.all()).isTrue();
  }

  private static Users users(int from, int to) {
    return Users.of(IntStream.range(from, to).mapToObj(i -> "user-" + i));
  }
}

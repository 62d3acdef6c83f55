package io.heliograph.cluster;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Test;

class UserSketchTests {

  @Test
  void usersOnSeveralNodesCountOnce() {
    UserSketch all = UserSketch.merge(List.of(users(0, 5_000), users(4_000, 9_000), users(0, 0)));
    assertThat(all.all()).isTrue();
    assertThat(all.count()).isEqualTo(9_000);
  }

  @Test
  void manyUsersAreEstimatedAndMarkedAsInexact() {
    UserSketch all =
        UserSketch.merge(List.of(users(0, 60_000), users(40_000, 100_000), users(0, 10)));
    assertThat(all.all()).isFalse();
    assertThat(all.count()).isCloseTo(100_000, Percentage.withPercentage(5));
  }

  @Test
  void countsUpToTheLimitAreExact() {
    assertThat(users(0, UserSketch.MAX_HASHES).all()).isTrue();
    assertThat(users(0, UserSketch.MAX_HASHES).count()).isEqualTo(UserSketch.MAX_HASHES);
    assertThat(users(0, UserSketch.MAX_HASHES + 1).all()).isFalse();
    assertThat(users(0, UserSketch.MAX_HASHES + 1).numbers()).hasSize(UserSketch.MAX_HASHES);
  }

  @Test
  void duplicateUsersCountOnceAndTheCountStaysExact() {
    UserSketch users = UserSketch.of(Stream.of("alice", "bob", "alice"));
    assertThat(users.count()).isEqualTo(2);
    assertThat(users.all()).isTrue();
  }

  private static UserSketch users(int from, int to) {
    return UserSketch.of(IntStream.range(from, to).mapToObj(i -> "user-" + i));
  }
}

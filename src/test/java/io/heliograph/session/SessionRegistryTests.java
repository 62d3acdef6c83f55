package io.heliograph.session;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.message.Channel;
import io.heliograph.message.Ids;
import io.heliograph.support.RecordingTransport;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SessionRegistryTests {

  private static final Channel NEWS = new Channel.Topic("news");

  private final SessionRegistry registry = new SessionRegistry();
  private final List<String> calls = new ArrayList<>();

  @Test
  void theFirstAndTheLastAreReported() {
    Subscription one = subscription(NEWS);
    Subscription two = subscription(NEWS);
    join(one);
    join(two);
    assertThat(leave(one)).isTrue();
    assertThat(calls).containsExactly("first topic:news");
    assertThat(leave(two)).isTrue();
    assertThat(calls).containsExactly("first topic:news", "last topic:news");
    assertThat(registry.channels()).isZero();
  }

  @Test
  void leavingTwiceLeavesOnce() {
    Subscription one = subscription(NEWS);
    Subscription two = subscription(NEWS);
    join(one);
    join(two);
    leave(one);
    assertThat(leave(one)).isFalse();
    assertThat(registry.subscribers(NEWS)).containsExactly(two);
    leave(two);
    assertThat(leave(two)).isFalse();
    assertThat(calls).hasSize(2);
  }

  @Test
  void joiningTwiceJoinsOnce() {
    Subscription one = subscription(NEWS);
    join(one);
    join(one);
    assertThat(registry.subscribers(NEWS)).containsExactly(one);
    leave(one);
    assertThat(registry.channels()).isZero();
  }

  @Test
  void aLateCloseRemovesNothingOfItsSuccessor() {
    Subscription old = subscription(NEWS);
    Subscription successor = subscription(NEWS);
    registry.add(old.session());
    registry.add(successor.session());
    join(old);
    leave(old);
    assertThat(registry.remove(old.session())).isTrue();
    join(successor);
    assertThat(leave(old)).isFalse();
    assertThat(registry.remove(old.session())).isFalse();
    assertThat(registry.subscribers(NEWS)).containsExactly(successor);
    assertThat(registry.session(successor.session().id())).isSameAs(successor.session());
    assertThat(calls).containsExactly("first topic:news", "last topic:news", "first topic:news");
  }

  @Test
  void allWaitForTheFirst() {
    CompletableFuture<Void> atTheBroker = new CompletableFuture<>();
    CompletableFuture<Void> one = registry.join(subscription(NEWS), channel -> atTheBroker);
    CompletableFuture<Void> two =
        registry.join(subscription(NEWS), channel -> CompletableFuture.completedFuture(null));
    assertThat(one).isNotDone();
    assertThat(two).isNotDone();
    atTheBroker.complete(null);
    assertThat(one).isCompleted();
    assertThat(two).isCompleted();
  }

  @Test
  void aFirstThatFailedIsTriedAgainByTheNext() {
    CompletableFuture<Void> failed = CompletableFuture.failedFuture(new RuntimeException("away"));
    Subscription one = subscription(NEWS);
    assertThat(registry.join(one, channel -> failed)).isCompletedExceptionally();
    Subscription two = subscription(NEWS);
    assertThat(join(two)).isCompleted();
    assertThat(join(subscription(NEWS))).isCompleted();
    assertThat(calls).containsExactly("first topic:news");
    assertThat(registry.subscribers(NEWS)).hasSize(3).contains(one, two);
  }

  @Test
  void afterAFirstThatFailedTheLastIsStillReported() {
    Subscription one = subscription(NEWS);
    registry.join(one, channel -> CompletableFuture.failedFuture(new RuntimeException("away")));
    leave(one);
    assertThat(calls).containsExactly("last topic:news");
    assertThat(registry.channels()).isZero();
  }

  @Test
  void aSnapshotDoesNotChangeWhileOthersComeAndGo() {
    Subscription one = subscription(NEWS);
    Subscription two = subscription(NEWS);
    join(one);
    Subscription[] alone = registry.subscribers(NEWS);
    join(two);
    Subscription[] both = registry.subscribers(NEWS);
    leave(one);
    leave(two);
    assertThat(alone).containsExactly(one);
    assertThat(both).containsExactly(one, two);
    assertThat(registry.subscribers(NEWS)).isEmpty();
  }

  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void subscribersAreASetWhateverTheOrderOfJoiningAndLeaving(long seed) {
    Random random = new Random(seed);
    Subscribers subscribers = new Subscribers(CompletableFuture.completedFuture(null));
    List<Subscription> all = new ArrayList<>();
    for (int i = 0; i < 200; i++) {
      all.add(subscription(NEWS));
    }
    Set<Subscription> model = new HashSet<>();
    for (int i = 0; i < 5_000; i++) {
      Subscription some = all.get(random.nextInt(i % 1_000 < 500 ? 200 : 20));
      if (random.nextInt(i % 500 < 250 ? 3 : 2) > 0) {
        if (model.add(some)) {
          subscribers.add(some);
        }
      } else {
        assertThat(subscribers.remove(some)).isEqualTo(model.remove(some));
      }
      assertThat(subscribers.size()).isEqualTo(model.size());
      assertThat(subscribers.snapshot()).doesNotContainNull();
      assertThat(new HashSet<>(Arrays.asList(subscribers.snapshot()))).isEqualTo(model);
    }
  }

  /**
   * The broker knows a channel exactly while it has a subscriber, whatever joins and leaves at
   * once.
   */
  @ParameterizedTest(name = "seed {0}")
  @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8})
  void firstAndLastAlternateUnderManyThreads(long seed) throws Exception {
    int threads = 8;
    Channel[] channels = {NEWS, new Channel.Topic("a"), new Channel.Topic("b"), Channel.EVERYONE};
    Map<Channel, Boolean> atTheBroker = new ConcurrentHashMap<>();
    Set<String> faults = ConcurrentHashMap.newKeySet();
    CyclicBarrier start = new CyclicBarrier(threads);
    List<Subscription> left = new ArrayList<>();
    try (ExecutorService executor = Executors.newFixedThreadPool(threads)) {
      List<Future<List<Subscription>>> running = new ArrayList<>();
      for (int t = 0; t < threads; t++) {
        Random random = new Random(seed * 1_000 + t);
        running.add(
            executor.submit(
                () -> {
                  start.await();
                  List<Subscription> mine = new ArrayList<>();
                  for (int i = 0; i < 2_000; i++) {
                    if (mine.size() < 2 && random.nextBoolean()) {
                      Subscription fresh = subscription(channels[random.nextInt(channels.length)]);
                      mine.add(fresh);
                      registry.join(
                          fresh,
                          channel -> {
                            if (atTheBroker.put(channel, true) != null) {
                              faults.add("first twice on " + channel);
                            }
                            return CompletableFuture.completedFuture(null);
                          });
                      if (!Arrays.asList(registry.subscribers(fresh.channel())).contains(fresh)) {
                        faults.add("joined and not there");
                      }
                    } else if (!mine.isEmpty()) {
                      Subscription gone = mine.remove(random.nextInt(mine.size()));
                      boolean removed =
                          registry.leave(
                              gone,
                              channel -> {
                                if (atTheBroker.remove(channel) == null) {
                                  faults.add("last before first on " + channel);
                                }
                              });
                      if (!removed || registry.leave(gone, channel -> faults.add("last twice"))) {
                        faults.add("left not exactly once");
                      }
                    }
                  }
                  return mine;
                }));
      }
      for (Future<List<Subscription>> each : running) {
        left.addAll(each.get(30, TimeUnit.SECONDS));
      }
    }
    assertThat(faults).isEmpty();
    for (Channel channel : channels) {
      List<Subscription> subscribers =
          left.stream().filter(s -> s.channel().equals(channel)).toList();
      assertThat(registry.subscribers(channel)).containsExactlyInAnyOrderElementsOf(subscribers);
      assertThat(atTheBroker.containsKey(channel)).isEqualTo(!subscribers.isEmpty());
    }
    left.forEach(subscription -> registry.leave(subscription, atTheBroker::remove));
    assertThat(atTheBroker).isEmpty();
    assertThat(registry.channels()).isZero();
  }

  private CompletableFuture<Void> join(Subscription subscription) {
    return registry.join(
        subscription,
        channel -> {
          calls.add("first " + channel);
          return CompletableFuture.completedFuture(null);
        });
  }

  private boolean leave(Subscription subscription) {
    return registry.leave(subscription, channel -> calls.add("last " + channel));
  }

  private static Subscription subscription(Channel channel) {
    Session session =
        new Session(
            new Channel.OneSession(Ids.random128()),
            new RecordingTransport(),
            new SessionContext(new RecordingSessionListener(), 1_000, () -> 0),
            Identity.ANONYMOUS,
            Instant.EPOCH,
            Long.MAX_VALUE);
    Subscription subscription = session.subscribe(channel);
    if (subscription == null) {
      throw new AssertionError("followed already");
    }
    return subscription;
  }
}

package io.heliograph.hub;

import static org.assertj.core.api.Assertions.assertThat;

import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.Position;
import io.heliograph.session.Identity;
import io.heliograph.session.Session;
import io.heliograph.session.StateVersion;
import io.heliograph.support.HubOfTests;
import io.heliograph.support.ManualClock;
import io.heliograph.support.RecordingTransport;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;
import org.springframework.util.unit.DataSize;

/**
 * One browser that follows one login, a store that knows its version, and a broker: each step on
 * the way from one to the other happens when a test says so. A state's text is its version alone.
 */
final class LoginScenario {

  static final int LAST = 6;
  static final Channel.Login LOGIN = new Channel.Login("AAAAAAAAAAAAAAAAAAAAAA");

  /** The text of a state is its version. */
  private static final class Logins implements ChannelStates {

    private final Set<Channel> subscribed = new HashSet<>();

    @Override
    public boolean cover(Channel channel) {
      return channel instanceof Channel.Login;
    }

    @Override
    public StateVersion version(String text) {
      int number = Integer.parseInt(text);
      return new StateVersion(number, number == LAST);
    }

    @Override
    public String noun() {
      return "logins";
    }

    @Override
    public int maxPerSession() {
      return 4;
    }

    @Override
    public int maxSubscribers() {
      return 3;
    }

    @Override
    public void onSubscribed(Channel channel, boolean isSubscribed) {
      if (isSubscribed) {
        subscribed.add(channel);
      } else {
        subscribed.remove(channel);
      }
    }
  }

  private final Logins logins = new Logins();
  final StagedBroker broker;
  final HubParts parts;
  final RecordingTransport transport = new RecordingTransport();
  final Session session;

  /** The truth. */
  int version = 1;

  /** Not null: snapshots wait here; each was read when it was put here. */
  private @Nullable Deque<Runnable> snapshots;

  private boolean storeDown;
  private boolean lossy;
  private int asked;
  private final ManualClock clock = new ManualClock();

  LoginScenario() {
    this(1_000);
  }

  LoginScenario(int maxQueued) {
    broker = new StagedBroker(clock);
    parts = HubOfTests.on(broker, DataSize.ofBytes(maxQueued), clock, () -> 0, logins);
    parts.start();
    session = Objects.requireNonNull(parts.hub().connect(transport, Identity.ANONYMOUS));
  }

  // The login -------------------------------------------------------------------------------------

  /** The next state becomes true, and is not announced. */
  LoginScenario changes() {
    version++;
    return this;
  }

  /** A node announces a state, now or much later than it became true. */
  LoginScenario announces(int state) {
    var _ = parts.publisher().publish(LOGIN, draft(state));
    return this;
  }

  /** The usual way. */
  LoginScenario moves() {
    return changes().announces(version);
  }

  /** What the regular look at the store does. */
  int looks() {
    return parts.subscriptions().deliverState(LOGIN, draft(version));
  }

  private Draft draft(int state) {
    return new Draft(
        "id", "v" + state, String.valueOf(state), clock.instant(), null, "state", null);
  }

  // The browser -----------------------------------------------------------------------------------

  LoginScenario subscribes() {
    return subscribes(null);
  }

  LoginScenario subscribes(@Nullable Position since) {
    asked++;
    parts
        .subscriptions()
        .subscribe(session, "1", LOGIN, since, new ChannelRight(null, this::snapshot));
    return this;
  }

  boolean unsubscribes() {
    return parts.subscriptions().unsubscribe(session, LOGIN);
  }

  /** Whether the login has a subscriber on this node. */
  boolean isSubscribed() {
    return logins.subscribed.contains(LOGIN);
  }

  boolean follows() {
    return session.subscription(LOGIN) != null;
  }

  private CompletableFuture<@Nullable String> snapshot() {
    if (storeDown) {
      return CompletableFuture.failedFuture(new IllegalStateException("the store is down"));
    }
    String read = String.valueOf(lossy ? 1 : version);
    if (snapshots == null) {
      return CompletableFuture.completedFuture(read);
    }
    CompletableFuture<@Nullable String> later = new CompletableFuture<>();
    snapshots.add(() -> later.complete(read));
    return later;
  }

  void holdSnapshots() {
    snapshots = new ArrayDeque<>();
  }

  /** The one that was asked for last arrives first. */
  void newestSnapshotArrives() {
    Runnable one = snapshots == null ? null : snapshots.pollLast();
    if (one != null) {
      one.run();
    }
  }

  boolean snapshotArrives() {
    Runnable one = snapshots == null ? null : snapshots.poll();
    if (one != null) {
      one.run();
    }
    return one != null;
  }

  /** Also those that are asked for because of it. */
  void releaseSnapshots() {
    Deque<Runnable> held = snapshots;
    snapshots = null;
    if (held != null) {
      held.forEach(Runnable::run);
    }
  }

  void storeDown() {
    storeDown = true;
  }

  /** The store forgets everything since the beginning. */
  void storeGoesBack() {
    lossy = true;
  }

  // What the browser received -----------------------------------------------------------------

  /** In order: {@code =2} for a snapshot, {@code 2} for a message. */
  List<String> received() {
    return transport.frames().stream()
        .map(LoginScenario::received)
        .filter(each -> !each.isEmpty())
        .toList();
  }

  private static String received(String frame) {
    String[] words = frame.split(" ");
    if (words[0].equals("refusal")) {
      return words[1];
    }
    if (words.length < 3 || !words[1].equals(LOGIN.text())) {
      return "";
    }
    return switch (words[0]) {
      case "message" -> words[3].substring(1);
      case "subscribed" -> words.length > 4 ? "=" + words[4] : "=";
      default -> "";
    };
  }

  int newestReceived() {
    return received().stream()
        .filter(each -> each.matches("=?\\d"))
        .mapToInt(each -> Integer.parseInt(each.replace("=", "")))
        .max()
        .orElse(0);
  }

  /** The rule: a snapshot is not older than anything before it, a message newer than all of it. */
  void neverWentBack() {
    int newest = 0;
    for (String each : received()) {
      if (each.matches("\\d")) {
        int state = Integer.parseInt(each);
        assertThat(state).as("a message after %s in %s", newest, received()).isGreaterThan(newest);
        newest = state;
      } else if (each.matches("=\\d")) {
        int state = Integer.parseInt(each.substring(1));
        assertThat(state).as("a snapshot after %s in %s", newest, received()).isNotNegative();
        assertThat(state).as("a snapshot in %s", received()).isGreaterThanOrEqualTo(newest);
        newest = state;
      }
    }
  }

  void everyRequestWasAnsweredOnce() {
    assertThat(received().stream().filter(each -> !each.matches("\\d"))).hasSize(asked);
  }
}

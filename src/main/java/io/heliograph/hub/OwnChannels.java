package io.heliograph.hub;

import io.heliograph.concurrent.Background;
import io.heliograph.message.Channel;
import io.heliograph.message.History;
import io.heliograph.message.Position;
import io.heliograph.session.ServerEvent;
import io.heliograph.session.Session;
import io.heliograph.session.Subscription;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Subscribes sessions to the channels that they get without asking: at the connect, and when a
 * session gets its user. The welcome, or the answer to the login, states their positions. So it is
 * sent after those are known, and messages are sent after it.
 */
final class OwnChannels {

  private final Memberships memberships;
  private final Recovery recovery;
  private final FirstPages firstPages;
  private final Confirmations confirmations;

  OwnChannels(
      Memberships memberships,
      Recovery recovery,
      FirstPages firstPages,
      Confirmations confirmations) {
    this.memberships = memberships;
    this.recovery = recovery;
    this.firstPages = firstPages;
    this.confirmations = confirmations;
  }

  /**
   * A subscription that begins with its session.
   *
   * @param since null: as for a new session
   * @param lost the client is known to have missed messages
   */
  private record Start(
      Subscription subscription,
      @Nullable Position since,
      boolean lost,
      CompletableFuture<History> page) {

    Channel channel() {
      return subscription.channel();
    }

    private @Nullable History read() {
      return page.isCompletedExceptionally() ? null : page.join();
    }

    /** Where it begins; null while the broker does not answer, unless the client said it. */
    @Nullable Position begin() {
      History read = read();
      return read == null || (since != null && read.complete()) ? since : read.begin();
    }

    /** Whether the greeting says that messages are missing. */
    boolean isLost() {
      History read = read();
      return lost || (since != null && read != null && !read.complete());
    }
  }

  /**
   * Where the subscriptions begin. The session's own channel is left out, since a client comes back
   * as another session.
   */
  record Beginning(Map<Channel, Position> positions, List<Channel> channels, List<Channel> lost) {}

  /**
   * @param from where the channels begin; says nothing about further ones
   * @param greeting makes the event that states where they begin
   */
  void subscribe(
      Session session,
      List<Channel> own,
      SessionStart from,
      Function<Beginning, ServerEvent> greeting) {
    if (session.transport().encoding().codec().parksOwnChannels()) {
      park(session, own);
      session.send(greeting.apply(new Beginning(Map.of(), List.of(), List.of())));
      return;
    }
    List<Start> starts = new ArrayList<>(own.size());
    for (Channel channel : own) {
      Subscription subscription = session.subscribe(channel);
      if (subscription != null) {
        Position since = from.since().get(channel);
        starts.add(
            new Start(
                subscription,
                since,
                from.lost().contains(channel),
                memberships.join(subscription).thenCompose(_ -> recovery.page(channel, since))));
      }
    }
    CompletableFuture<Void> pages =
        CompletableFuture.allOf(
            starts.stream().map(Start::page).toArray(CompletableFuture<?>[]::new));
    if (pages.isDone()) {
      greet(session, starts, greeting);
      return;
    }
    starts.forEach(start -> firstPages.onReading(start.subscription()));
    Background.onCompletion(
        pages,
        (_, _) -> {
          try {
            greet(session, starts, greeting);
          } finally {
            starts.forEach(start -> firstPages.onDone(start.subscription()));
          }
        },
        failure -> session.fail("Subscribing to a session's own channels", failure));
  }

  private void greet(
      Session session, List<Start> starts, Function<Beginning, ServerEvent> greeting) {
    for (Start start : starts) {
      Position begin = start.begin();
      if (begin != null) {
        start.subscription().startsAfter(begin);
      }
      if (start.since() != null && !start.isLost()) {
        // A client that resumes after a position has everything before it. For one that
        // acknowledges nothing, such as a stream or a poll, this is the only proof.
        confirmations.confirm(start.channel(), start.since());
      }
    }
    session.send(greeting.apply(beginning(starts)));
    for (Start start : starts) {
      History page = start.read();
      if (page == null) {
        // The broker is unavailable: the session stays open and recovers later.
        start.subscription().onReadFailed(0);
        recovery.suspect(start.subscription());
      } else if (start.isLost()) {
        recovery.deliverWithoutGap(start.subscription(), 0, page);
      } else {
        recovery.deliver(start.subscription(), 0, page, null);
      }
    }
  }

  private static Beginning beginning(List<Start> starts) {
    Map<Channel, Position> positions = new LinkedHashMap<>();
    List<Channel> channels = new ArrayList<>(starts.size());
    List<Channel> lost = new ArrayList<>(0);
    for (Start start : starts) {
      if (start.channel() instanceof Channel.OneSession) {
        continue;
      }
      channels.add(start.channel());
      Position begin = start.begin();
      if (begin != null) {
        positions.put(start.channel(), begin);
      }
      if (start.isLost()) {
        lost.add(start.channel());
      }
    }
    return new Beginning(positions, channels, lost);
  }

  /**
   * Registers a session for its own channels and sends nothing of them before it subscribes. The
   * log need not be read for that, so the greeting waits for no broker.
   */
  private void park(Session session, List<Channel> own) {
    for (Channel channel : own) {
      Subscription subscription = session.subscribe(channel);
      if (subscription != null) {
        subscription.park();
        // A broker that does not answer is asked again when the client subscribes.
        Background.onFailure("Registering a channel", memberships.join(subscription), _ -> {});
      }
    }
  }

  /** Whether an unsubscribe parks the channel instead of leaving it. */
  static boolean staysParked(Session session, Channel channel) {
    return session.transport().encoding().codec().parksOwnChannels()
        && switch (channel) {
          case Channel.Everyone _ -> true;
          case Channel.OneSession own -> own.id().equals(session.id());
          case Channel.User user -> user.id().equals(session.identity().user());
          case Channel.Topic _, Channel.Login _ -> false;
        };
  }
}

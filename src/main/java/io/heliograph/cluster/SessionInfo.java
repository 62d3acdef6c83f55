package io.heliograph.cluster;

import io.heliograph.message.Position;
import io.heliograph.session.Session;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A session's data for the REST API and other nodes.
 *
 * @param user null for an anonymous session
 * @param connectedAt by the clock of its node
 */
public record SessionInfo(
    String session,
    @Nullable String user,
    String transport,
    Instant connectedAt,
    @Nullable Instant expires,
    int queuedBytes,
    List<Following> channels) {

  /**
   * @param position of the last message that was sent
   * @param acknowledged position up to which the client acknowledged
   */
  public record Following(
      String channel, @Nullable String position, @Nullable String acknowledged) {

    int textLength() {
      return 60
          + channel.length()
          + (position == null ? 0 : position.length())
          + (acknowledged == null ? 0 : acknowledged.length());
    }
  }

  public SessionInfo {
    channels = List.copyOf(channels);
  }

  static SessionInfo of(Session session) {
    return new SessionInfo(
        session.id(),
        session.identity().user(),
        session.transport().info().kind(),
        session.connectedAt(),
        session.identity().expires(),
        session.queuedBytes(),
        session.subscriptions().stream()
            .map(
                subscription ->
                    new Following(
                        subscription.channel().text(),
                        text(subscription.cursor()),
                        text(subscription.acknowledged())))
            .toList());
  }

  /** An upper bound of its length as text. */
  int textLength() {
    return 400 + channels.stream().mapToInt(Following::textLength).sum();
  }

  private static @Nullable String text(@Nullable Position position) {
    return position == null ? null : position.text();
  }
}

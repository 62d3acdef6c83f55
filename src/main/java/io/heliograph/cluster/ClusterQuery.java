package io.heliograph.cluster;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.heliograph.message.Channel;
import org.jspecify.annotations.Nullable;

/**
 * What one node asks all nodes. A node of an earlier version passes over fields that it does not
 * know, so what would change an answer's meaning is a question with another name: that it answers
 * with {@link ClusterReply.NotUnderstood}. What names no possible channel, user or session is
 * refused.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "ask")
@JsonSubTypes({
  @JsonSubTypes.Type(value = ClusterQuery.Sessions.class, name = "sessions"),
  @JsonSubTypes.Type(value = ClusterQuery.OneSession.class, name = "session"),
  @JsonSubTypes.Type(value = ClusterQuery.Followers.class, name = "followers"),
  @JsonSubTypes.Type(value = ClusterQuery.CloseSession.class, name = "close-session"),
  @JsonSubTypes.Type(value = ClusterQuery.CloseUser.class, name = "close-user")
})
sealed interface ClusterQuery {

  /**
   * A page of sessions, in the order of their ids.
   *
   * @param user null: of anybody
   * @param channel only those that follow it; null: whatever they follow
   * @param after begins after this id; null: with the first
   */
  record Sessions(
      @Nullable String user, @Nullable String channel, @Nullable String after, int limit)
      implements ClusterQuery {
    public Sessions {
      if (user != null) {
        user = new Channel.User(user).id();
      }
      if (channel != null) {
        channel = Channel.parse(channel).text();
      }
    }
  }

  /** One session. */
  record OneSession(String id) implements ClusterQuery {
    public OneSession {
      id = new Channel.OneSession(id).id();
    }
  }

  /** How many follow a channel. */
  record Followers(String channel) implements ClusterQuery {
    public Followers {
      channel = Channel.parse(channel).text();
    }
  }

  /** Close it. Ids are random, so this one never names a later session. */
  record CloseSession(String id) implements ClusterQuery {
    public CloseSession {
      id = new Channel.OneSession(id).id();
    }
  }

  /** Close those of a user's sessions that were there when this was asked. */
  record CloseUser(String user) implements ClusterQuery {
    public CloseUser {
      user = new Channel.User(user).id();
    }
  }
}

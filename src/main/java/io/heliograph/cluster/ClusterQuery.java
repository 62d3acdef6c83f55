package io.heliograph.cluster;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.heliograph.message.Channel;
import org.jspecify.annotations.Nullable;

/**
 * A query of one node to all nodes. A node of an earlier version ignores fields that it does not
 * know, so a change of meaning needs a query with another name, which that node answers with {@link
 * ClusterReply.NotUnderstood}. Invalid channels, users and sessions are refused.
 */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "ask")
@JsonSubTypes({
  @JsonSubTypes.Type(value = ClusterQuery.Sessions.class, name = "sessions"),
  @JsonSubTypes.Type(value = ClusterQuery.OneSession.class, name = "session"),
  @JsonSubTypes.Type(value = ClusterQuery.SubscriberCount.class, name = "followers"),
  @JsonSubTypes.Type(value = ClusterQuery.CloseSession.class, name = "close-session"),
  @JsonSubTypes.Type(value = ClusterQuery.CloseUser.class, name = "close-user")
})
sealed interface ClusterQuery {

  /**
   * A page of sessions, ordered by id.
   *
   * @param user null for any user
   * @param channel only sessions that follow it; null for all
   * @param after the page begins after this id; null for the first page
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

  /** The number of sessions and users that follow a channel. */
  record SubscriberCount(String channel) implements ClusterQuery {
    public SubscriberCount {
      channel = Channel.parse(channel).text();
    }
  }

  /** Closes one session. Ids are random, so it cannot be a later one. */
  record CloseSession(String id) implements ClusterQuery {
    public CloseSession {
      id = new Channel.OneSession(id).id();
    }
  }

  /** Closes the sessions that a user had when the query was sent. */
  record CloseUser(String user) implements ClusterQuery {
    public CloseUser {
      user = new Channel.User(user).id();
    }
  }
}

package io.heliograph.cluster;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;

/** One node's reply to a {@link ClusterQuery}, about its own sessions. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "answer")
@JsonSubTypes({
  @JsonSubTypes.Type(value = ClusterReply.Sessions.class, name = "sessions"),
  @JsonSubTypes.Type(value = ClusterReply.SubscriberCount.class, name = "followers"),
  @JsonSubTypes.Type(value = ClusterReply.Closed.class, name = "closed"),
  @JsonSubTypes.Type(value = ClusterReply.NotUnderstood.class, name = "not-understood")
})
sealed interface ClusterReply {

  /**
   * @param sessions the first ones, ordered by id
   * @param more whether there are sessions after the last one
   */
  record Sessions(List<SessionInfo> sessions, boolean more) implements ClusterReply {
    public Sessions {
      sessions = List.copyOf(sessions);
    }
  }

  record SubscriberCount(int sessions, UserSketch users) implements ClusterReply {}

  record Closed(int sessions) implements ClusterReply {}

  /** The query is of a later version, or answering it failed. */
  record NotUnderstood() implements ClusterReply {}
}

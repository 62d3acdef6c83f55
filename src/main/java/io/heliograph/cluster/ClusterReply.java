package io.heliograph.cluster;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;

/** What one node says to a {@link ClusterQuery}, about itself alone. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "answer")
@JsonSubTypes({
  @JsonSubTypes.Type(value = ClusterReply.Sessions.class, name = "sessions"),
  @JsonSubTypes.Type(value = ClusterReply.Followers.class, name = "followers"),
  @JsonSubTypes.Type(value = ClusterReply.Closed.class, name = "closed"),
  @JsonSubTypes.Type(value = ClusterReply.NotUnderstood.class, name = "not-understood")
})
sealed interface ClusterReply {

  /**
   * @param sessions the first ones, in the order of their ids
   * @param more there are others after the last of them
   */
  record Sessions(List<SessionInfo> sessions, boolean more) implements ClusterReply {
    public Sessions {
      sessions = List.copyOf(sessions);
    }
  }

  record Followers(int sessions, UserSketch users) implements ClusterReply {}

  record Closed(int sessions) implements ClusterReply {}

  /** Asked by a node of a later version. */
  record NotUnderstood() implements ClusterReply {}
}

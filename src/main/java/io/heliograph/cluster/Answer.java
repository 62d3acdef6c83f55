package io.heliograph.cluster;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import java.util.List;

/** What one node says to a {@link Question}, about itself alone. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "answer")
@JsonSubTypes({
  @JsonSubTypes.Type(value = Answer.Sessions.class, name = "sessions"),
  @JsonSubTypes.Type(value = Answer.Followers.class, name = "followers"),
  @JsonSubTypes.Type(value = Answer.Closed.class, name = "closed"),
  @JsonSubTypes.Type(value = Answer.NotUnderstood.class, name = "not-understood")
})
sealed interface Answer {

  /**
   * @param sessions the first ones, in the order of their ids
   * @param more there are others after the last of them
   */
  record Sessions(List<SessionInfo> sessions, boolean more) implements Answer {
    public Sessions {
      sessions = List.copyOf(sessions);
    }
  }

  record Followers(int sessions, Users users) implements Answer {}

  record Closed(int sessions) implements Answer {}

  /** Asked by a node of a later version. */
  record NotUnderstood() implements Answer {}
}

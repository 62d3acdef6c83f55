package io.heliograph.cluster;

import io.heliograph.message.Channel;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * The JSON text of queries and replies between nodes, with the version of its format first. {@link
 * io.heliograph.broker.ClusterBus#MAX_TEXT} bounds its length.
 */
final class QueryCodec {

  private static final int VERSION = 1;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /**
   * @param id random, unique among all queries
   * @param within milliseconds after which the sender no longer waits
   * @param question parsed separately, so that a query that is not understood can still be answered
   */
  record Asked(int version, String id, long within, @Nullable JsonNode question) {}

  record Answered(int version, String id, @Nullable JsonNode answer) {}

  private QueryCodec() {}

  static String of(String id, Duration within, ClusterQuery question) {
    return JSON.writeValueAsString(
        new Asked(VERSION, id, within.toMillis(), JSON.valueToTree(question)));
  }

  static String of(String id, ClusterReply answer) {
    return JSON.writeValueAsString(new Answered(VERSION, id, JSON.valueToTree(answer)));
  }

  /**
   * @throws IllegalArgumentException when the text has no id to reply to
   */
  static Asked asked(String text) {
    Asked asked = read(text, Asked.class);
    require(asked.id());
    return asked;
  }

  /** Null for a query of a later version, or one that is invalid. */
  static @Nullable ClusterQuery question(Asked asked) {
    try {
      return asked.version() == VERSION && asked.question() != null
          ? JSON.treeToValue(asked.question(), ClusterQuery.class)
          : null;
    } catch (JacksonException e) {
      return null;
    }
  }

  /**
   * @throws IllegalArgumentException when the text is not a reply
   */
  static Answered answered(String text) {
    Answered answered = read(text, Answered.class);
    require(answered.id());
    return answered;
  }

  static ClusterReply answer(Answered answered) {
    try {
      ClusterReply answer =
          answered.version() == VERSION && answered.answer() != null
              ? JSON.treeToValue(answered.answer(), ClusterReply.class)
              : null;
      return answer == null ? new ClusterReply.NotUnderstood() : answer;
    } catch (JacksonException e) {
      return new ClusterReply.NotUnderstood();
    }
  }

  private static <T> T read(String text, Class<T> type) {
    try {
      T read = JSON.readValue(text, type);
      if (read != null) {
        return read;
      }
    } catch (JacksonException e) {
      // Reported below without the text, which may hold anything.
    }
    throw new IllegalArgumentException("not a query or reply of the cluster bus");
  }

  @SuppressWarnings("ConstantValue") // the text may lack it
  private static void require(@Nullable String id) {
    if (id == null || !Channel.RANDOM_ID.matcher(id).matches()) {
      throw new IllegalArgumentException("not a query or reply of the cluster bus");
    }
  }
}

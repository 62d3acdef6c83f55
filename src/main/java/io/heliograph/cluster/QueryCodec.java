package io.heliograph.cluster;

import io.heliograph.message.Channel;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/**
 * Questions and answers as nodes tell them to each other: one JSON object each, with the version of
 * its form first. How long they may be, the line between the nodes says.
 */
final class QueryCodec {

  private static final int VERSION = 1;
  private static final JsonMapper JSON = JsonMapper.builder().build();

  /**
   * @param id names this question among all that were ever asked
   * @param within milliseconds after which nobody waits for an answer
   * @param question read by itself: what is not understood is still answered
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
   * @throws IllegalArgumentException when nobody could be answered
   */
  static Asked asked(String text) {
    Asked asked = read(text, Asked.class);
    require(asked.id());
    return asked;
  }

  /** Null: a node of a later version asks, or what it asks makes no sense here. */
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
   * @throws IllegalArgumentException when it is no answer to anything
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
      // Said below, without the text: it is a stranger's.
    }
    throw new IllegalArgumentException("not what nodes tell each other");
  }

  @SuppressWarnings("ConstantValue") // whoever wrote the text may have left it out
  private static void require(@Nullable String id) {
    if (id == null || !Channel.RANDOM_ID.matcher(id).matches()) {
      throw new IllegalArgumentException("not what nodes tell each other");
    }
  }
}

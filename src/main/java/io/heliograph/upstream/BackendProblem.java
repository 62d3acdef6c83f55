package io.heliograph.upstream;

import io.heliograph.problem.ProblemType;
import io.heliograph.session.ServerEvent.Problem;
import io.heliograph.upstream.BackendGuard.NotAsked;
import io.heliograph.upstream.BackendGuard.Read;
import io.heliograph.upstream.UpstreamMetrics.Outcome;
import io.heliograph.webhook.WebhookResult.Answer;
import io.heliograph.webhook.WebhookResult.Failure;
import java.nio.charset.StandardCharsets;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** The answer to a client when the backend refuses or does not answer. */
final class BackendProblem {

  private static final int MAX_TYPE = 256;
  private static final int MAX_TITLE = 256;
  private static final int MAX_DETAIL = 1024;

  /** The cause is in the metrics and is not sent to the client. */
  private static final Problem FAILED =
      Problem.of(
          ProblemType.UPSTREAM_FAILED, "The backend cannot be reached, or its answer is not valid");

  private BackendProblem() {}

  static Problem of(Failure failure) {
    return failure == Failure.TIMEOUT
        ? Problem.of(ProblemType.UPSTREAM_TIMEOUT, "The backend did not answer in time")
        : FAILED;
  }

  static Problem of(NotAsked why) {
    return Problem.of(
        ProblemType.UNAVAILABLE,
        switch (why) {
          case BUSY -> "Too many requests to the backend are in progress; try again";
          case SUSPENDED -> "The backend failed several times; try again in some seconds";
        });
  }

  /**
   * An answer that is not the expected one: the backend's problem if it is one, or else the problem
   * that it is none.
   *
   * @param refusal makes the client's answer of the problem
   */
  static <T> Read<T> read(Answer answer, Function<Problem, T> refusal) {
    Problem problem = problem(answer);
    return problem == null
        ? new Read<>(refusal.apply(FAILED), Outcome.UNEXPECTED)
        : new Read<>(refusal.apply(problem), Outcome.PROBLEM);
  }

  private static @Nullable Problem problem(Answer answer) {
    if (answer.status() < 400 || answer.status() > 599 || !answer.is("application/problem+json")) {
      return null;
    }
    JsonNode json;
    try {
      json = JsonMapper.shared().readTree(new String(answer.body(), StandardCharsets.UTF_8));
    } catch (JacksonException e) {
      return null;
    }
    if (!json.isObject()) {
      return null;
    }
    int status = json.path("status").asInt(answer.status());
    String type = text(json.get("type"), MAX_TYPE);
    String title = text(json.get("title"), MAX_TITLE);
    return new Problem(
        type == null ? "about:blank" : type,
        title == null ? "" : title,
        status < 400 || status > 599 ? answer.status() : status,
        text(json.get("detail"), MAX_DETAIL),
        null);
  }

  /**
   * The text, cut to a maximum length and without unpaired surrogates, which cannot be encoded;
   * null when the value is not a text.
   */
  static @Nullable String text(@Nullable JsonNode value, int most) {
    if (value == null || !value.isString()) {
      return null;
    }
    String text = value.stringValue();
    StringBuilder whole = new StringBuilder(Math.min(text.length(), most));
    text.codePoints()
        .limit(most)
        .forEach(
            c ->
                whole.appendCodePoint(
                    c >= Character.MIN_SURROGATE && c <= Character.MAX_SURROGATE ? '\ufffd' : c));
    return whole.toString();
  }
}

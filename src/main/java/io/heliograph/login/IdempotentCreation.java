package io.heliograph.login;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.heliograph.problem.ProblemException;
import io.heliograph.problem.ProblemType;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Answers a creation that is sent twice with one {@code Idempotency-Key} as the first time. The
 * answer holds a secret, so it is kept on this node's heap alone and no longer than the ticket may
 * live.
 */
final class IdempotentCreation {

  private static final Pattern KEY = Pattern.compile("\"?[A-Za-z0-9._:-]{1,64}\"?");
  private static final int REMEMBERED = 10_000;

  record Answer(LoginController.Created created, String cookie) {
    @Override
    public String toString() {
      return "Answer";
    }
  }

  private record Entry(String fingerprint, CompletableFuture<Answer> answer) {}

  private final Cache<String, Entry> entriesByKey;

  IdempotentCreation(Duration life) {
    entriesByKey = Caffeine.newBuilder().maximumSize(REMEMBERED).expireAfterWrite(life).build();
  }

  <T> T once(
      @Nullable String key, String request, Supplier<Answer> creation, Function<Answer, T> told) {
    if (key == null) {
      return told.apply(creation.get());
    }
    if (!KEY.matcher(key).matches()) {
      throw ProblemException.invalid("Idempotency-Key", "is a quoted string of 1 to 64 characters");
    }
    String name = Secrets.hash(key.replace("\"", ""));
    Entry mine = new Entry(Secrets.hash(request), new CompletableFuture<>());
    Entry first = entriesByKey.asMap().putIfAbsent(name, mine);
    if (first != null) {
      return told.apply(repeated(first, mine.fingerprint));
    }
    try {
      Answer answer = creation.get();
      mine.answer.complete(answer);
      return told.apply(answer);
    } finally {
      // What failed made nothing, so trying again with the same key is right.
      if (!mine.answer.isDone()) {
        entriesByKey.asMap().remove(name, mine);
      }
    }
  }

  private static Answer repeated(Entry first, String fingerprint) {
    if (!first.fingerprint.equals(fingerprint)) {
      throw new ProblemException(
          ProblemType.IDEMPOTENCY_KEY_REUSED, "The key was used for another request.");
    }
    Answer answer = first.answer.getNow(null);
    if (answer == null) {
      throw new ProblemException(
              ProblemType.IDEMPOTENCY_KEY_IN_PROGRESS, "The first request is under way.")
          .retryAfter(Duration.ofSeconds(1));
    }
    return answer;
  }
}

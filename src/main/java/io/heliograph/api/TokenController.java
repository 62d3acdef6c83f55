package io.heliograph.api;

import io.heliograph.message.Channel;
import io.heliograph.message.ChannelPattern;
import io.heliograph.problem.ProblemException;
import io.heliograph.publish.Durations;
import io.heliograph.security.BrowserToken;
import io.heliograph.security.BrowserTokens;
import io.heliograph.security.RequiresScope;
import io.heliograph.security.Scope;
import io.heliograph.security.SecurityProperties;
import java.time.Duration;
import java.time.Instant;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.springframework.http.CacheControl;
import org.springframework.http.HttpStatus;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RestController;
import tools.jackson.databind.JsonNode;

/** Issues browser tokens to backends, which pass them to their pages. */
@RestController
class TokenController {

  private static final Duration SHORTEST = Duration.ofSeconds(1);

  private final BrowserTokens tokens;
  private final SecurityProperties.Tokens settings;

  TokenController(BrowserTokens tokens, SecurityProperties properties) {
    this.tokens = tokens;
    this.settings = properties.tokens();
  }

  /**
   * The body of a request.
   *
   * @param user the user of the sessions; null: the token grants the channels only
   * @param channels the channels that the sessions may subscribe to, in text form
   * @param publish the topics that the user's clients may publish to, exact or with * at the end
   * @param upload whether they may upload
   * @param ttl see {@link Durations}
   * @param once whether the token is valid for one session only
   */
  record TokenRequest(
      @Nullable String user,
      @Nullable List<@Nullable String> channels,
      @Nullable List<@Nullable String> publish,
      @Nullable Boolean upload,
      @Nullable JsonNode ttl,
      @Nullable Boolean once) {}

  record Answer(String token, Instant expiresAt) {}

  @PostMapping(path = "/v1/tokens", consumes = "application/json", produces = "application/json")
  @RequiresScope(Scope.TOKENS)
  ResponseEntity<Answer> issue(@RequestBody TokenRequest order) {
    Set<Channel> channels = names("/channels", order.channels(), Channel::parse);
    Set<ChannelPattern> publish = names("/publish", order.publish(), TokenController::topics);
    boolean upload = Boolean.TRUE.equals(order.upload());
    if (order.user() == null && channels.isEmpty()) {
      throw ProblemException.invalid("/user", "is missing; a token needs a user or channels");
    }
    if (order.user() == null && (upload || !publish.isEmpty())) {
      throw ProblemException.invalid(
          "/user", "is missing; a token with publish or upload needs a user");
    }
    if (order.user() != null) {
      try {
        var _ = new Channel.User(order.user());
      } catch (IllegalArgumentException e) {
        throw ProblemException.invalid("/user", String.valueOf(e.getMessage()));
      }
    }
    try {
      BrowserTokens.Issued issued =
          tokens.issue(
              order.user(),
              channels,
              publish,
              upload,
              life(order.ttl()),
              Boolean.TRUE.equals(order.once()));
      return ResponseEntity.status(HttpStatus.CREATED)
          .cacheControl(CacheControl.noStore())
          .body(new Answer(issued.token(), issued.expiresAt()));
    } catch (IllegalArgumentException e) {
      throw ProblemException.invalid("/channels", String.valueOf(e.getMessage()));
    }
  }

  private static ChannelPattern topics(String text) {
    if (!text.startsWith("topic:")) {
      throw new IllegalArgumentException(
          "has to start with topic:, because clients publish to topics only");
    }
    return new ChannelPattern(text);
  }

  private static <T> Set<T> names(
      String pointer, @Nullable List<@Nullable String> texts, Function<String, T> parse) {
    if (texts == null) {
      return Set.of();
    }
    if (texts.size() > BrowserToken.MAX_CHANNELS) {
      throw ProblemException.invalid(
          pointer, "has more than " + BrowserToken.MAX_CHANNELS + " entries");
    }
    Set<T> names = new HashSet<>();
    for (int i = 0; i < texts.size(); i++) {
      String text = texts.get(i);
      try {
        names.add(parse.apply(text == null ? "" : text));
      } catch (IllegalArgumentException e) {
        throw ProblemException.invalid(pointer + "/" + i, String.valueOf(e.getMessage()));
      }
    }
    return names;
  }

  private Duration life(@Nullable JsonNode ttl) {
    if (ttl == null || ttl.isNull()) {
      return settings.lifetime();
    }
    Duration life =
        ttl.isIntegralNumber() || ttl.isString() ? Durations.parse(ttl.asString()) : null;
    if (life == null) {
      throw ProblemException.invalid("/ttl", "has to be " + Durations.SYNTAX);
    }
    if (life.compareTo(SHORTEST) < 0 || life.compareTo(settings.maxLifetime()) > 0) {
      throw ProblemException.invalid(
          "/ttl", "has to be between 1 s and " + settings.maxLifetime().toSeconds() + " s");
    }
    return life;
  }
}

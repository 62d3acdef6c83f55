package io.heliograph.callback;

import io.github.bucket4j.Bucket;
import io.github.bucket4j.ConsumptionProbe;
import io.github.bucket4j.TimeMeter;
import io.heliograph.message.Channel;
import io.heliograph.message.ChannelPattern;
import io.heliograph.settings.RefusedSettingException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.springframework.http.HttpHeaders;

/** A configured source of callbacks: its signature scheme and its rights. */
final class CallbackSource {

  /** It is part of a path and a metric's tag. */
  private static final Pattern ID = Pattern.compile("[A-Za-z0-9._-]{1,64}");

  /** How long ids are remembered if no time is signed: as long as senders usually retry. */
  private static final Duration KEEP_WITHOUT_TIME = Duration.ofHours(24);

  private static final Duration KEEP = Duration.ofMinutes(10);
  private static final long MAX_BODY = 16 * 1024 * 1024;

  private final String id;
  private final CallbackProperties.Source settings;
  private final @Nullable SignatureVerifier verifier;
  private final Set<EventType> types;
  private final List<ChannelPattern> channels;
  private final Bucket bucket;

  CallbackSource(String id, CallbackProperties.Source settings, Clock clock) {
    String name = "heliograph.callbacks.sources." + id;
    if (!ID.matcher(id).matches() || id.equals("wechat")) {
      throw new RefusedSettingException(
          "heliograph.callbacks.sources",
          "has a source named '"
              + id
              + "'; a name has 1 to 64 characters of A-Z a-z 0-9 . _ - and is not wechat");
    }
    require(
        !settings.tolerance().isNegative()
            && settings.tolerance().compareTo(Duration.ofDays(1)) <= 0,
        name + ".tolerance",
        "must be between 0 and 1 day, but is " + settings.tolerance());
    require(
        settings.maxBody().toBytes() > 0 && settings.maxBody().toBytes() <= MAX_BODY,
        name + ".max-body",
        "must be between 1 byte and 16 MB, but is " + settings.maxBody());
    require(settings.rate() > 0, name + ".rate", "must be 1 or more, but is " + settings.rate());
    this.id = id;
    this.settings = settings;
    this.verifier = settings.retired() ? null : SourceSecrets.verifier(name, settings);
    this.types = types(name, settings);
    this.channels =
        settings.allowedChannels().stream()
            .map(text -> pattern(name + ".allowed-channels", text))
            .toList();
    this.bucket =
        Bucket.builder()
            .addLimit(
                limit ->
                    limit
                        .capacity(settings.rate())
                        .refillGreedy(settings.rate(), Duration.ofMinutes(1)))
            .withCustomTimePrecision(timeOf(clock))
            .build();
  }

  private static void require(boolean holds, String setting, String reason) {
    if (!holds) {
      throw new RefusedSettingException(setting, reason);
    }
  }

  private static Set<EventType> types(String name, CallbackProperties.Source settings) {
    EnumSet<EventType> types = EnumSet.noneOf(EventType.class);
    for (String text : settings.allowedTypes()) {
      EventType type = EventType.of(text);
      if (type == null) {
        throw new RefusedSettingException(
            name + ".allowed-types",
            "has the unknown entry '" + text + "'; event types are " + EventType.names());
      }
      types.add(type);
    }
    if (types.isEmpty()) {
      types.addAll(EnumSet.range(EventType.LOGIN_SCANNED, EventType.LOGIN_DENIED));
      if (!settings.allowedChannels().isEmpty()) {
        types.add(EventType.MESSAGE_PUSH);
      }
    }
    return types;
  }

  private static ChannelPattern pattern(String setting, String text) {
    try {
      return new ChannelPattern(text);
    } catch (IllegalArgumentException e) {
      throw new RefusedSettingException(
          setting, "has the entry '" + text + "', which " + e.getMessage());
    }
  }

  private static TimeMeter timeOf(Clock clock) {
    return new TimeMeter() {
      @Override
      public long currentTimeNanos() {
        return TimeUnit.MILLISECONDS.toNanos(clock.millis());
      }

      @Override
      public boolean isWallClockBased() {
        return true;
      }
    };
  }

  String id() {
    return id;
  }

  boolean retired() {
    return verifier == null;
  }

  int maxBody() {
    return Math.toIntExact(settings.maxBody().toBytes());
  }

  int rate() {
    return settings.rate();
  }

  SignatureResult verify(HttpHeaders headers, byte[] body, Instant now) {
    return verifier == null ? new SignatureResult.Forged() : verifier.verify(headers, body, now);
  }

  /** Takes one callback from the rate limit; if it is exhausted, how long to wait, else null. */
  @Nullable Duration busyFor() {
    ConsumptionProbe probe = bucket.tryConsumeAndReturnRemaining(1);
    return probe.isConsumed() ? null : Duration.ofNanos(probe.getNanosToWaitForRefill());
  }

  boolean within(Instant time, Instant now) {
    return Duration.between(time, now).abs().compareTo(settings.tolerance()) <= 0;
  }

  /** How long an id is remembered: longer than its signature is accepted. */
  Duration keep() {
    if (settings.scheme() == CallbackProperties.Scheme.GITHUB) {
      return KEEP_WITHOUT_TIME;
    }
    Duration window = settings.tolerance().multipliedBy(2);
    return window.compareTo(KEEP) > 0 ? window : KEEP;
  }

  boolean mayShakeHands(String origin) {
    return settings.allowedOrigins().contains(origin);
  }

  boolean maySay(EventType type) {
    return types.contains(type);
  }

  /**
   * Whether the source may publish to a channel. Login channels carry the state of logins, so
   * {@code *} does not include them; a pattern has to start with {@code login:}.
   */
  boolean mayPushTo(Channel channel) {
    return channels.stream()
        .filter(
            pattern -> channel.kind() != Channel.Kind.LOGIN || pattern.text().startsWith("login:"))
        .anyMatch(pattern -> pattern.matches(channel));
  }
}

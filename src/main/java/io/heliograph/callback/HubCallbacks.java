package io.heliograph.callback;

import io.heliograph.hub.Hub;
import io.heliograph.message.Channel;
import io.heliograph.message.Draft;
import io.heliograph.message.Ids;
import io.heliograph.message.TraceParent;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.CompletionException;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** Pushes what a proved callback says as any other message. */
@Component
final class HubCallbacks implements PushCallbacks {

  private final Hub hub;
  private final Clock clock;

  HubCallbacks(Hub hub, Clock clock) {
    this.hub = hub;
    this.clock = clock;
  }

  @Override
  public void push(
      Channel channel,
      String event,
      String data,
      @Nullable Duration ttl,
      @Nullable String key,
      @Nullable TraceParent trace,
      String dedupeId) {
    Instant now = clock.instant();
    try {
      hub.push(channel, new Draft(Ids.v7(now), event, data, now, ttl, key, dedupeId, trace)).join();
    } catch (CompletionException e) {
      throw e.getCause() instanceof RuntimeException cause ? cause : e;
    }
  }
}

package io.heliograph.callback;

import java.time.Clock;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.springframework.stereotype.Component;

/** The configured callback sources. A source without usable secrets stops the start. */
@Component
final class CallbackSources {

  private final Map<String, CallbackSource> sourcesById;

  CallbackSources(CallbackProperties properties, Clock clock, CallbackMetrics metrics) {
    sourcesById =
        properties.sources().entrySet().stream()
            .map(source -> new CallbackSource(source.getKey(), source.getValue(), clock))
            .collect(Collectors.toUnmodifiableMap(CallbackSource::id, source -> source));
    sourcesById.keySet().forEach(metrics::expect);
  }

  @Nullable CallbackSource find(String id) {
    return sourcesById.get(id);
  }
}

package io.heliograph.callback;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * A callback whose signature held, read.
 *
 * @param id the event's own id, when its body or CloudEvents headers hold one
 * @param time when the sender says it happened
 * @param data an object, as it was written
 */
record CallbackEvent(@Nullable String id, String type, @Nullable Instant time, String data) {}

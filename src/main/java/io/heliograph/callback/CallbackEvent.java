package io.heliograph.callback;

import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * The content of a callback whose signature is valid.
 *
 * @param id the event's id from its body or CloudEvents headers; null: none
 * @param time the time of the event according to the sender
 * @param data a JSON object as received
 */
record CallbackEvent(@Nullable String id, String type, @Nullable Instant time, String data) {}

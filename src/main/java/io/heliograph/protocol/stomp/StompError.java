package io.heliograph.protocol.stomp;

import io.heliograph.session.ServerEvent.Problem;
import org.jspecify.annotations.Nullable;

/**
 * What an {@code ERROR} frame says before the connection is closed.
 *
 * @param message its header of this name, in a few words
 * @param receipt of the frame that it answers; null: that asked for none, or there was none
 */
record StompError(String message, Problem problem, @Nullable String receipt) {}

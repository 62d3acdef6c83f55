package io.heliograph.message;

/**
 * What became of a push: it stands in the log.
 *
 * @param message with its position
 * @param nodes how many nodes held a session that follows the channel at that moment; on some brokers a hint
 * @param repeated the broker had it already (see {@link Draft#once()}); nothing was appended or announced now
 */
public record Published(Message message, int nodes, boolean repeated) {}

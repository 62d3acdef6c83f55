package io.heliograph.message;

/**
 * What became of a push: it stands in the log.
 *
 * @param id the message's; of the first one when it was repeated
 * @param nodes how many nodes held a session that follows the channel at that moment; on some
 *     brokers a hint
 * @param repeated the broker had it already (see {@link Draft#once()}); nothing was appended or
 *     announced now
 */
public record Published(String id, Position position, int nodes, boolean repeated) {}

package io.heliograph.message;

/**
 * The result of a publish: the message is in the log.
 *
 * @param id the message's id; if {@code repeated}, the id of the first message
 * @param nodes how many nodes had subscribed to the channel at that moment; an estimate with some
 *     brokers
 * @param repeated the broker had appended it before (see {@link Draft#once()}); nothing was
 *     appended or announced this time
 */
public record Published(String id, Position position, int nodes, boolean repeated) {}

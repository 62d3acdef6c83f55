package io.heliograph.transport.websocket;

import java.time.Duration;

/**
 * What a route's browsers may send.
 *
 * @param maxMessage the most bytes of a message, over all its fragments; more closes with 1009
 * @param binary whether binary messages are taken; otherwise they close with 1003
 * @param closeTimeout how long the peer may take to answer a close before its connection is cut
 * @param maxDiscarded the most bytes that a peer may send after our close before it answers; more
 *     cut its connection
 */
public record WebSocketLimits(
    int maxMessage, boolean binary, Duration closeTimeout, long maxDiscarded) {}

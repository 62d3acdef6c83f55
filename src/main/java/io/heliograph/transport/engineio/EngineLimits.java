package io.heliograph.transport.engineio;

import java.time.Duration;

/**
 * What an endpoint's clients learn and may do.
 *
 * @param maxPayload the most bytes of a packet on a WebSocket, and of the body of a POST
 * @param pingInterval the longest that a client waits for the first ping
 * @param pingTimeout how much longer it waits before it gives up
 * @param pollTimeout how long a session lives between two polls, and how long nothing of an answer
 *     to a poll may leave
 * @param upgradeTimeout how long a client may take to complete an upgrade that it began
 * @param closeTimeout how long the peer of a WebSocket may take to answer a close
 * @param maxDiscarded the most bytes that it may send before that
 */
public record EngineLimits(
    int maxPayload,
    Duration pingInterval,
    Duration pingTimeout,
    Duration pollTimeout,
    Duration upgradeTimeout,
    Duration closeTimeout,
    long maxDiscarded) {}

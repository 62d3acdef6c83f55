/**
 * Queries to all nodes: who is connected, who follows a channel, close these sessions. Each has a
 * deadline, and no node keeps state about the others.
 */
@NullMarked
package io.heliograph.cluster;

import org.jspecify.annotations.NullMarked;

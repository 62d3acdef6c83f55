/**
 * Queries to all nodes: list sessions, count a channel's subscribers, close sessions. Each query
 * has a deadline, and no node keeps state about the others.
 */
@NullMarked
package io.heliograph.cluster;

import org.jspecify.annotations.NullMarked;

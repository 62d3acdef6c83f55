/**
 * The hub: connecting and closing sessions, subscriptions, publishing, fan-out, recovery and drain.
 * It connects the sessions of this node to the broker of the cluster.
 */
@NullMarked
package io.heliograph.hub;

import org.jspecify.annotations.NullMarked;

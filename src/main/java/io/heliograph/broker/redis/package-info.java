/**
 * The broker of several nodes, on Redis: standalone, Sentinel or Redis Cluster. Its scripts are in
 * the resources.
 */
@NullMarked
package io.heliograph.broker.redis;

import org.jspecify.annotations.NullMarked;

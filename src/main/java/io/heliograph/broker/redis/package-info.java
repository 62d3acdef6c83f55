/**
 * The broker of many nodes, on Redis: standalone, Sentinel or Redis Cluster. The scripts beside it
 * in the resources are its other half.
 */
@NullMarked
package io.heliograph.broker.redis;

import org.jspecify.annotations.NullMarked;

/**
 * The tools of everything that keeps data in Redis: connections, scripts, and the names of keys.
 * Knows no message and no broker.
 */
@NullMarked
package io.heliograph.redis;

import org.jspecify.annotations.NullMarked;

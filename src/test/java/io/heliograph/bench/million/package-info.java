/**
 * Very many sessions in one JVM without sockets: the real hub, registry, logs and heartbeat, and
 * lines that take everything at once.
 */
@NullMarked
package io.heliograph.bench.million;

import org.jspecify.annotations.NullMarked;

/** Version 1 of Heliograph's own protocol: its codec and its WebSocket endpoint. */
@NullMarked
package io.heliograph.protocol.v1;

import org.jspecify.annotations.NullMarked;

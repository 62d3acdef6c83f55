/** STOMP 1.2, 1.1 and 1.0 over WebSocket, for clients such as stompjs and Spring's. */
@NullMarked
package io.heliograph.protocol.stomp;

import org.jspecify.annotations.NullMarked;

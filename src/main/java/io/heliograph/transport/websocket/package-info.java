/** WebSocket as a transport: the handshake, the upgrade and RFC 6455 frames on Jetty's core. */
@NullMarked
package io.heliograph.transport.websocket;

import org.jspecify.annotations.NullMarked;

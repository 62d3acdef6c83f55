/**
 * The way in for browsers: handshake, lean upgrade on Jetty, RFC 6455 frames, and version 1 of the
 * wire protocol. Turns sockets into transports and frames into calls on the hub.
 */
@NullMarked
package io.heliograph.websocket;

import org.jspecify.annotations.NullMarked;

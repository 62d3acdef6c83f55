/**
 * Version 1 over plain HTTP, for clients that cannot open a WebSocket: Server-Sent Events and long
 * polling.
 */
@NullMarked
package io.heliograph.protocol.http;

import org.jspecify.annotations.NullMarked;

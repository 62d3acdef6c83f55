/** SockJS below the path of a WebSocket: what its clients ask first, and its frames on sockets. */
@NullMarked
package io.heliograph.transport.sockjs;

import org.jspecify.annotations.NullMarked;

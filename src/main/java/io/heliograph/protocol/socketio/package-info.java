/** Socket.IO, protocol revision 5, on Engine.IO: its packets and its clients' conversation. */
@NullMarked
package io.heliograph.protocol.socketio;

import org.jspecify.annotations.NullMarked;

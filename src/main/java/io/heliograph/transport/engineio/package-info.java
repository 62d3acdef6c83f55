/**
 * Engine.IO, revision 4: sessions over HTTP long-polling and WebSocket, and the upgrade from one to
 * the other. It carries packets and knows nothing of what is in them.
 */
@NullMarked
package io.heliograph.transport.engineio;

import org.jspecify.annotations.NullMarked;

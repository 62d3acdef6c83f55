/** What the transports on Jetty's endpoints share. */
@NullMarked
package io.heliograph.transport;

import org.jspecify.annotations.NullMarked;

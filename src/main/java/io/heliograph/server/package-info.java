/**
 * The port itself: admission of connections under load, the request-head guard, and the threads
 * that serve connections.
 */
@NullMarked
package io.heliograph.server;

import org.jspecify.annotations.NullMarked;

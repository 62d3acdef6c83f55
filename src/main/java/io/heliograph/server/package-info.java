/**
 * The main port: admission of connections under load, the guards of request heads and exchanges,
 * and the threads that serve connections.
 */
@NullMarked
package io.heliograph.server;

import org.jspecify.annotations.NullMarked;

/** Asynchronous work whose failures are logged or handled. */
@NullMarked
package io.heliograph.concurrent;

import org.jspecify.annotations.NullMarked;

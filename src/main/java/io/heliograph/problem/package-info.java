/**
 * What a caller is told when something cannot be done: one vocabulary of problems (RFC 9457) for
 * the whole service. Every error of the main port leaves through here, whether a controller, a
 * filter or Jetty found it.
 */
@NullMarked
package io.heliograph.problem;

import org.jspecify.annotations.NullMarked;

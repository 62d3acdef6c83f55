/**
 * Looks at a running service from outside, in a process of its own: a browser and a backend in one.
 * Nothing else uses it, and it does nothing unless it is started.
 */
@NullMarked
package io.heliograph.probe;

import org.jspecify.annotations.NullMarked;

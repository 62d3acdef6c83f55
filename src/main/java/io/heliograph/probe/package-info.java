/**
 * A command-line check of a running service, which acts as client and backend. No other package
 * uses it.
 */
@NullMarked
package io.heliograph.probe;

import org.jspecify.annotations.NullMarked;

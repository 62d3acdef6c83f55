/**
 * The load: thousands of browsers and a few backends on one thread, a few hundred bytes each. It
 * speaks just enough RFC 6455 and HTTP to any server, and measures on the browsers' side.
 */
@NullMarked
package io.heliograph.bench.load;

import org.jspecify.annotations.NullMarked;

/** A protocol that only tests speak: lines of fields, no JSON, over a transport in memory. */
@NullMarked
package io.heliograph.protocol.lines;

import org.jspecify.annotations.NullMarked;

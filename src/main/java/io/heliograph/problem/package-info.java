/** Problem types (RFC 9457) with their titles and texts, independent of HTTP handling. */
@NullMarked
package io.heliograph.problem;

import org.jspecify.annotations.NullMarked;

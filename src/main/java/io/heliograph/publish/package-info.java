/** The one way from a request to a {@code Draft}, for REST, callbacks and clients. */
@NullMarked
package io.heliograph.publish;

import org.jspecify.annotations.NullMarked;

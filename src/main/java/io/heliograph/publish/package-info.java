/** From a request to a {@code Draft}, for REST, callbacks and clients alike. */
@NullMarked
package io.heliograph.publish;

import org.jspecify.annotations.NullMarked;

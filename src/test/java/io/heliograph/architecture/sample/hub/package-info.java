/** In order: null-marked, in two sentences. The one package of the sample that is. */
@NullMarked
package io.heliograph.architecture.sample.hub;

import org.jspecify.annotations.NullMarked;

/** What every asynchronous step needs: someone who looks at its failure. */
@NullMarked
package io.heliograph.concurrent;

import org.jspecify.annotations.NullMarked;

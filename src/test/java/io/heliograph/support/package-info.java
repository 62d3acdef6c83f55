/** What tests of several packages stand on. */
@NullMarked
package io.heliograph.support;

import org.jspecify.annotations.NullMarked;

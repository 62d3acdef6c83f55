/** Checks of {@code heliograph.*} settings at the start, and how their refusal is reported. */
@NullMarked
package io.heliograph.settings;

import org.jspecify.annotations.NullMarked;

/** Checks of {@code heliograph.*} settings at start, and their failure reports. */
@NullMarked
package io.heliograph.settings;

import org.jspecify.annotations.NullMarked;

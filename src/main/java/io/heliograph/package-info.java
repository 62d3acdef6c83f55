/** The main class and nothing else; every feature lives in a package of its own. */
@NullMarked
package io.heliograph;

import org.jspecify.annotations.NullMarked;

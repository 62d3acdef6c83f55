/** The vocabulary of refusals (RFC 9457): types, titles and texts, without HTTP plumbing. */
@NullMarked
package io.heliograph.problem;

import org.jspecify.annotations.NullMarked;

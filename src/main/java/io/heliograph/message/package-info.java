/**
 * The domain's values: channel, message, position, history. They depend on no framework and refuse
 * invalid content in their constructors.
 */
@NullMarked
package io.heliograph.message;

import org.jspecify.annotations.NullMarked;

/**
 * The words that everything else speaks: channel, message, position, history. Values only, without
 * a framework, and they refuse nonsense when they are made.
 */
@NullMarked
package io.heliograph.message;

import org.jspecify.annotations.NullMarked;

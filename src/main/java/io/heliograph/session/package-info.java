/**
 * The sessions of this node: their subscriptions, what is queued for them, and the seams to what
 * carries it ({@code Transport}) and to what its bytes mean ({@code Codec}, {@code Framing}). Knows
 * no other node and no protocol.
 */
@NullMarked
package io.heliograph.session;

import org.jspecify.annotations.NullMarked;

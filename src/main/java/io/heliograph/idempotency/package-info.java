/**
 * Gives a repeated request one effect: claim the key, process the request, store the reply. Used by
 * callbacks, publishes and the creation of logins.
 */
@NullMarked
package io.heliograph.idempotency;

import org.jspecify.annotations.NullMarked;

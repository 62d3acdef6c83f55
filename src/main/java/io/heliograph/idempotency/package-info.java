/**
 * What makes a request that comes twice happen once: claim the key, do the work, store the reply.
 * Callbacks, the REST push and the creation of logins use it.
 */
@NullMarked
package io.heliograph.idempotency;

import org.jspecify.annotations.NullMarked;

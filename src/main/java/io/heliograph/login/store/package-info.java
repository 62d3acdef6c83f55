/** Stores of tickets and grants: in memory for a single node, in Redis for many. */
@NullMarked
package io.heliograph.login.store;

import org.jspecify.annotations.NullMarked;
